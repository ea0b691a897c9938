// Files that feed the books: a job is read, looked at, mended, confirmed, and can be taken back as a whole.

import type { Page, Role } from '@graborder/core';
import { asked, get, send } from './client';
import { upload } from './files';

export type ImportKind = 'stores' | 'skus' | 'prices' | 'stock' | 'sales';
export type ImportState = 'READING' | 'PREVIEWED' | 'APPLYING' | 'APPLIED' | 'UNDONE' | 'FAILED';

/** Whose task it is to feed what. */
const FED_BY: Record<ImportKind, readonly Role[]> = {
  stores: ['supervisor', 'admin'], skus: ['supervisor', 'admin'], sales: ['supervisor', 'admin'], stock: ['warehouse_clerk', 'admin'], prices: ['finance', 'admin'],
};
export const kindsOf = (role: Role): ImportKind[] => (Object.keys(FED_BY) as ImportKind[]).filter((kind) => FED_BY[kind].includes(role));

export interface Preview {
  columns: { letter: string; header: string; field?: string }[];
  /** The first rows as read. */
  sample: { row: number; cells: string[] }[];
  warned: number;
  /** Of the good rows, against the books. */
  new: number;
  changed: number;
  unchanged: number;
}
export interface Import {
  import_id: string;
  kind: ImportKind;
  state: ImportState;
  /** Of the file; may be empty. */
  name: string;
  by_name?: string;
  made_at: string;
  /** This very file was taken over by this job before; nothing was done now. */
  already_applied: boolean;
  progress: { rows_read: number; rows_total?: number };
  good_rows: number;
  bad_rows: number;
  preview?: Preview;
  failed?: { code: string; text: string };
  undo_until?: string;
}
export interface ImportFault {
  row: number;
  /** Absent: the row as a whole. */
  cell?: string;
  column?: string;
  value: string;
  severity: 'error' | 'warning';
  code: string;
  text: string;
}

export const imports = (cursor: string) => get<Page<Import>>('/imports', { limit: 50, cursor });
export const readImport = (import_id: string) => get<Import>(`/imports/${import_id}`);
export const faults = (import_id: string, cursor: string) => get<Page<ImportFault>>(`/imports/${import_id}/faults`, { limit: 100, cursor });
export const begin = (kind: ImportKind, file: File, again: boolean, progress: (sent: number) => void) =>
  upload<Import>(`/imports${asked({ kind, name: file.name.slice(0, 200), again: again ? 'true' : '' })}`, file, progress);
export const mend = (import_id: string, cells: { cell: string; value: string }[]) => send<Import>('PATCH', `/imports/${import_id}/cells`, { cells });
export const confirm = (import_id: string, skip_bad: boolean) => send<Import>('POST', `/imports/${import_id}/confirm`, { skip_bad });
export const undoImport = (import_id: string, reason: string) => send<Import>('POST', `/imports/${import_id}/undo`, { reason });
export const drop = (import_id: string) => send<void>('DELETE', `/imports/${import_id}`);
