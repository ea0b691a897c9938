// The way to WeCom and back. What somebody went for is kept for this window alone, with a state that nobody can guess.

import { wecomAddress, wecomPlace, wecomReturn, type Errand, type WecomWay } from '@graborder/core';
import { mintId } from './browser';
import { go } from './route';

const KEY = 'graborder.wecom';
export const wecom_place = wecomPlace(navigator.userAgent);

function kept(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export function toWecom(way: WecomWay, errand: Errand): void {
  if (!wecom_place) return;
  const state = mintId();
  // Without a memory the way back would be refused: better not to leave.
  sessionStorage.setItem(KEY, JSON.stringify({ ...errand, state }));
  location.assign(wecomAddress(way, wecom_place, location.origin + location.pathname, state));
}

/** What somebody brought, once; the address bar forgets it, and so does this window. */
let brought = (() => {
  const found = wecomReturn(location.search, kept());
  if (!/[?&]code=/.test(location.search) || !/[?&]state=/.test(location.search)) return null;
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // A window without a memory has nothing to forget.
  }
  history.replaceState(null, '', location.pathname + location.hash);
  if (found?.errand.purpose === 'bind') go('/account');
  return found;
})();

/** The code that was fetched for exactly this, if there is one. */
export function broughtFor(errand: Errand): string | null {
  const found = brought;
  brought = null;
  return found && JSON.stringify(found.errand) === JSON.stringify(errand) ? found.code : null;
}
