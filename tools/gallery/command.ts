/**
 * `npm run gallery`: all shipped styles in a page, as one folder of static files (docs/web.md).
 *
 *     npm run gallery                         makes gallery/
 *     npm run gallery -- --out <folder>
 *     npm run gallery -- --serve [--port n]   makes it and serves it on 127.0.0.1, until Ctrl-C
 */
import { parseArgs } from 'node:util';
import { ConfigError, expected, FastStyleError, FileError } from '../../src/system/errors.ts';
import { makeGallery } from './make-gallery.ts';
import { serveFolder } from './serve-folder.ts';

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        out: { type: 'string', default: 'gallery' },
        serve: { type: 'boolean', default: false },
        port: { type: 'string', default: '8600' },
      },
    });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new ConfigError(expected('a port from 0 to 65535 for --port', values.port));
    return { ...values, port };
  } catch (error) {
    if (error instanceof FastStyleError) throw error;
    throw new ConfigError((error as Error).message, { cause: error });
  }
}

try {
  const { out, serve, port } = readArguments();
  await makeGallery(out);
  if (!serve) console.log(`Made ${out}: put it on a web server, or open it with: npm run gallery -- --serve`);
  else {
    const { address } = await serveFolder(out, port).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EADDRINUSE'
        ? new FileError(expected('a free port', `${port}, which is taken`, 'name another with --port'))
        : error;
    });
    console.log(`Open ${address} (Ctrl-C ends it)`);
  }
} catch (error) {
  if (!(error instanceof FastStyleError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
