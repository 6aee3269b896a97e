/** Serves a folder of static files on this machine alone. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.jpg': 'image/jpeg',
};

/** With these the page is isolated, and WebAssembly may have threads. */
const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** @param port 0 for any that is free. @returns the server, listening on 127.0.0.1, and the page's address. */
export async function serveFolder(
  folder: string,
  port: number,
): Promise<{ readonly server: Server; readonly address: string }> {
  const root = resolve(folder);
  const server = createServer(async (request, response) => {
    const refuse = (code: number) => response.writeHead(code, ISOLATED).end();
    try {
      if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405);
      const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
      const path = resolve(
        join(root, decodeURIComponent(pathname), pathname.endsWith('/') ? 'index.html' : ''),
      );
      const info = path.startsWith(root + sep) ? await stat(path).catch(() => undefined) : undefined;
      if (info?.isFile() !== true) return refuse(404);
      const type = TYPES[extname(path)] ?? 'application/octet-stream';
      response.writeHead(200, { ...ISOLATED, 'Content-Type': type, 'Content-Length': info.size });
      if (request.method === 'HEAD') response.end();
      else
        createReadStream(path)
          .on('error', () => response.destroy())
          .pipe(response);
    } catch {
      // An address that is none.
      refuse(400);
    }
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed).listen(port, '127.0.0.1', listening);
  });
  const { port: taken } = server.address() as { port: number };
  return { server, address: `http://127.0.0.1:${taken}/` };
}
