// What was done to whom.

import type { AdminAction, Page } from '@graborder/core';
import { get } from './client';

export const adminActions = (cursor: string) => get<Page<AdminAction>>('/admin-actions', { limit: 100, cursor });
