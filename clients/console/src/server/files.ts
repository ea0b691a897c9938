// Files from and to the server: exports as they come, imports with their progress. They take longer than a call may.

import type { HttpResponse } from '@graborder/core';
import { live } from '../state';

export type ExportKind = 'orders' | 'shipments' | 'stock' | 'stores' | 'skus' | 'round_results';
export interface Export { kind: ExportKind; format: 'csv' | 'xlsx'; reason?: string; [filter: string]: string | undefined }

const KEPT_MS = 60_000;

/** Asks for the file, hands it to the browser, and says what it is called. */
export async function download(asked: Export): Promise<string> {
  const response = await live.api.signed((headers) => fetch('/api/v1/exports', {
    method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(asked), credentials: 'omit',
  }));
  if (!response.ok) live.api.read(said(response.status, await response.text(), (name) => response.headers.get(name)));
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = nameIn(response.headers.get('Content-Disposition')) ?? `${asked.kind}.${asked.format}`;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
  return link.download;
}

/** RFC 6266: the UTF-8 name first. */
export function nameIn(disposition: string | null): string | null {
  const utf8 = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? '')?.[1];
  if (utf8) {
    try {
      return decodeURIComponent(utf8.trim());
    } catch {
      return null; // Not what it says it is: the plain name has to do.
    }
  }
  return /filename="([^"]+)"/i.exec(disposition ?? '')?.[1] ?? null;
}

/** Sends a file as it is; only this way does a browser tell how much of it went. */
export async function upload<T>(path: string, file: File, progress: (sent: number) => void): Promise<T> {
  const answer = await live.api.signed((headers) => new Promise<HttpResponse>((done, failed) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/v1${path}`);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.setRequestHeader('Content-Type', file.name.toLowerCase().endsWith('.xlsx') ? 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' : 'text/csv');
    request.upload.onprogress = (event) => progress(event.loaded);
    request.onload = () => done(said(request.status, request.responseText, (name) => request.getResponseHeader(name)));
    request.onerror = () => failed(new Error('the file could not be sent'));
    request.send(file);
  }));
  return live.api.read<T>(answer);
}

function said(status: number, text: string, header: (name: string) => string | null): HttpResponse {
  return { status, text, header };
}
