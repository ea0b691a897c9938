// Stores as people name them: by code.

import type { UserStore } from '@graborder/core';
import { live } from './state';

/** The stores behind the codes, in their order; throws with a sentence for the first one that is not there. */
export async function storesOf(codes: string): Promise<UserStore[]> {
  const found: UserStore[] = [];
  for (const code of codes.split(/[\s,，、]+/).filter(Boolean)) {
    const store = (await live.api.stores(code)).items.find((one) => one.code.toLowerCase() === code.toLowerCase());
    if (!store) throw new Error(live.t('no_store', { code }));
    found.push(store);
  }
  return found;
}
