// The pages of the desk: where they are, whom they are for, and how they are reached. Each is loaded when it is opened.

import type { IconName } from '@graborder/look';
import type { Component } from 'vue';
import { mayAs, type Permission } from './may';
import { offers } from './server/offers';
import { lazy } from './shell/lazy';
import { live } from './state';
import type { PlainWord } from './words';

export interface PageOf {
  /** In the address; the first page has none. */
  page: string;
  word: PlainWord;
  icon: IconName;
  /** Pressed after `g`. */
  key: string;
  permission: Permission;
  /** Only for people of no store: store people have the phone page. */
  desk: boolean;
  /** A door without which the page is nothing. */
  door?: string;
  view: Component;
}

export const PAGES: PageOf[] = [
  { page: '', word: 'nav_rounds', icon: 'flag', key: 'r', permission: 'SeeRounds', desk: true, view: lazy(() => import('./screens/Rounds.vue')) },
  { page: 'board', word: 'nav_board', icon: 'chart', key: 'b', permission: 'SeeBoard', desk: true, view: lazy(() => import('./screens/Board.vue')) },
  { page: 'orders', word: 'nav_orders', icon: 'file', key: 'o', permission: 'SeeOrders', desk: true, view: lazy(() => import('./screens/Orders.vue')) },
  { page: 'warehouse', word: 'nav_warehouse', icon: 'truck', key: 'w', permission: 'SeeShipments', desk: true, view: lazy(() => import('./screens/Warehouse.vue')) },
  { page: 'stores', word: 'nav_stores', icon: 'shop', key: 's', permission: 'SeeStores', desk: true, view: lazy(() => import('./screens/Stores.vue')) },
  { page: 'goods', word: 'nav_goods', icon: 'list', key: 'k', permission: 'SeeCatalogue', desk: true, view: lazy(() => import('./screens/Goods.vue')) },
  { page: 'stock', word: 'nav_stock', icon: 'box', key: 't', permission: 'SeeStock', desk: true, view: lazy(() => import('./screens/Stock.vue')) },
  { page: 'imports', word: 'nav_imports', icon: 'up', key: 'i', permission: 'SeeCatalogue', desk: true, door: 'POST /imports', view: lazy(() => import('./screens/Imports.vue')) },
  { page: 'people', word: 'nav_people', icon: 'people', key: 'p', permission: 'SeeUsers', desk: false, view: lazy(() => import('./screens/People.vue')) },
];

/** Reached from other pages, not from the side. */
const ACCOUNT = lazy(() => import('./screens/Account.vue'));
const ROUND = lazy(() => import('./screens/Round.vue'));
const WIZARD = lazy(() => import('./screens/Wizard.vue'));
const NOWHERE = lazy(() => import('./screens/Nowhere.vue'));

export function pagesHere(): PageOf[] {
  const user = live.user.value;
  if (!user) return [];
  return PAGES.filter(({ permission, desk, door }) => mayAs(user.role, permission) && !(desk && user.store) && (!door || offers(door)));
}

export interface Shown { view: Component; /** The entry at the side that it belongs to. */ under: string }

export function shownAt(page: string): Shown {
  const here = pagesHere();
  if (page === 'account') return { view: ACCOUNT, under: page };
  const sees_rounds = here.some((one) => one.page === '');
  if (page === 'round' && sees_rounds) return { view: ROUND, under: '' };
  if ((page === 'new' || page === 'draft') && sees_rounds && mayAs(live.user.value!.role, 'DraftRound')) return { view: WIZARD, under: '' };
  const found = here.find((one) => one.page === page) ?? (page === '' ? here[0] : undefined);
  return found ? { view: found.view, under: found.page } : { view: NOWHERE, under: page };
}
