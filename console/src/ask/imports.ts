// SPDX-License-Identifier: Apache-2.0
//
// A file of devices goes up in parts, so that progress can be shown and a broken
// connection costs one part.
import { ask, get, post, remove } from '../api/client';
import { Problem } from '../api/problem';
import type { Import } from '../api/records';

const PART_BYTES = 512 * 1024;
const TRIES = 4;
const PAUSE_MS = 400;

export function beginImport(file: File): Promise<{ id: string }> {
  return post<{ id: string }>('/imports', { name: file.name, size: file.size });
}

function importPath(id: string): string {
  return `/imports/${encodeURIComponent(id)}`;
}

export function readImport(id: string, signal?: AbortSignal): Promise<Import> {
  return get<Import>(importPath(id), {}, signal);
}

export function dropImport(id: string): Promise<void> {
  return remove(importPath(id));
}

export function runImport(id: string, skipBad: boolean): Promise<unknown> {
  return post(`${importPath(id)}/run`, { skipBad });
}

function pause(): Promise<void> {
  return new Promise((resolve) => window.setTimeout(resolve, PAUSE_MS));
}

/** Sends the file from `offset` on; after a fault the server says where it stands. */
export async function sendFile(id: string, file: File, tell: (sent: number) => void, signal: AbortSignal): Promise<void> {
  let offset = 0;
  let tries = 0;
  while (offset < file.size) {
    const part = file.slice(offset, offset + PART_BYTES);
    try {
      await ask(importPath(id), { method: 'PUT', query: { offset }, body: part, signal });
      offset += part.size;
      tries = 0;
    } catch (thrown) {
      const mayGoOn = thrown instanceof Problem && (thrown.status === 409 || thrown.status === 0 || thrown.status === 503);
      if (signal.aborted || !mayGoOn || ++tries >= TRIES) throw thrown;
      await pause();
      offset = (await readImport(id, signal)).received;
    }
    tell(offset);
  }
}

/** Looks until the import has come to its end. */
export async function watchImport(id: string, tell: (now: Import) => void, signal: AbortSignal): Promise<Import> {
  for (;;) {
    const now = await readImport(id, signal);
    tell(now);
    if (now.state === 'done' || now.state === 'failed') return now;
    await pause();
    signal.throwIfAborted();
  }
}
