// How the desk asks the server: a path, what is asked of it, the answer.

import type { Page } from '@graborder/core';
import { ApiError } from '@graborder/core';
import { live } from '../state';
import { t } from '../words';

type Query = Record<string, string | number | undefined>;

export function asked(query: Query): string {
  const said = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  return said.length > 0 ? `?${new URLSearchParams(said.map(([key, value]) => [key, String(value)])).toString()}` : '';
}

export async function get<T>(path: string, query: Query = {}): Promise<T> {
  return (await live.api.ask<T>('GET', path + asked(query))).value;
}

export async function send<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T> {
  return (await live.api.ask<T>(method, path, { body })).value;
}

/** The whole of a list that is known to be short; `most` bounds it whatever the server says. */
export async function readAll<T>(read: (cursor: string) => Promise<Page<T>>, most: number): Promise<T[]> {
  const all: T[] = [];
  let cursor = '';
  do {
    const page = await read(cursor);
    all.push(...page.items);
    cursor = page.next_cursor ?? '';
  } while (cursor && all.length < most);
  return all;
}

/** What went wrong, in one sentence; of a body, the first thing that was wrong in it. */
export function sentence(error: unknown): string {
  if (!(error instanceof ApiError)) {
    console.warn('a call failed', error);
    return t('no_network');
  }
  return error.problem.errors?.[0]?.detail ?? error.message;
}
