// Where a page stands, as the part of the address behind `#`: `#/orders/<id>?state=APPROVED`. Filters live there, so that a
// reload, a bookmark and the way back find them again.

export interface Address { page: string; id: string; query: Record<string, string> }

export function parseAddress(hash: string): Address {
  const [path = '', question = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [page = '', id = ''] = path.split('/');
  return { page, id, query: Object.fromEntries(new URLSearchParams(question)) };
}

/** What is empty is left out. */
export function addressOf({ page, id, query }: Address): string {
  const said = Object.entries(query).filter(([, value]) => value !== '');
  const question = new URLSearchParams(said).toString();
  return `#/${page}${id ? `/${id}` : ''}${question ? `?${question}` : ''}`;
}
