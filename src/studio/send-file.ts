import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { Readable } from 'node:stream';

const TYPES: Readonly<Record<string, string>> = {
  ...{ '.jpg': 'image/jpeg', '.jpeg': 'image/jpeg', '.png': 'image/png', '.webp': 'image/webp' },
  ...{ '.tif': 'image/tiff', '.tiff': 'image/tiff', '.avif': 'image/avif', '.gif': 'image/gif' },
  ...{ '.mp4': 'video/mp4', '.m4v': 'video/mp4', '.mov': 'video/quicktime', '.webm': 'video/webm' },
  ...{ '.mkv': 'video/x-matroska', '.html': 'text/html; charset=utf-8' },
};

/** Files of others run nothing, whatever they are; a report runs its own scripts, with no access to the studio. */
const [SEALED, REPORT] = ["default-src 'none'; sandbox", "sandbox allow-scripts; frame-ancestors 'self'"];

export interface SendOptions {
  /** The header `Range`: films are shown from where one wants to see them. */
  readonly range?: string | undefined;
  /** Has the browser save it. */
  readonly asDownload?: boolean;
  readonly isReport?: boolean;
}

/** A file as a response; 404 where there is none. */
export async function sendFile(path: string, options: SendOptions = {}): Promise<Response> {
  const { range, asDownload = false, isReport = false } = options;
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return new Response('There is no such file.', { status: 404 });
  const { size } = found;
  const headers = new Headers({
    'Content-Type': TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream',
    'Content-Security-Policy': isReport ? REPORT : SEALED,
    'Accept-Ranges': 'bytes',
  });
  if (asDownload) {
    const name = encodeURIComponent(basename(path)).replace(
      /['()*]/g,
      (c) => `%${c.charCodeAt(0).toString(16)}`,
    );
    headers.set('Content-Disposition', `attachment; filename*=UTF-8''${name}`);
  }
  const [first, last] = rangeOf(range, size) ?? [0, size - 1];
  const isPart = first > 0 || last < size - 1;
  if (isPart) headers.set('Content-Range', `bytes ${first}-${last}/${size}`);
  headers.set('Content-Length', String(last - first + 1));
  const body = size === 0 ? null : Readable.toWeb(createReadStream(path, { start: first, end: last }));
  return new Response(body as ReadableStream | null, { status: isPart ? 206 : 200, headers });
}

/** First and last byte of a range (RFC 9110, 14.1.2); undefined for several, and for what cannot be had: the whole file is sent then. */
function rangeOf(range: string | undefined, size: number): readonly [number, number] | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  return first <= last ? [first, last] : undefined;
}
