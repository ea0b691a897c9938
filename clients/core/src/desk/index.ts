// The words of the desk: only the console carries them.

import { IMPORTS } from './imports';
import { LISTS } from './lists';
import { ROUNDS } from './rounds';
import { SHELL } from './shell';

export const DESK = { ...SHELL, ...LISTS, ...ROUNDS, ...IMPORTS } as const;
