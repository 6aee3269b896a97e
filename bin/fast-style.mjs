#!/usr/bin/env node
/**
 * The program under the name that npm gives it. A file of its own that is there before anything is built: in a clone npx
 * links it once, leaves a file out that is not there, and does not look again.
 */
import { closeSync, existsSync, openSync } from 'node:fs';

const program = new URL('../dist/cli.js', import.meta.url);
if (existsSync(program)) {
  try {
    await import(program.href);
  } catch (error) {
    // All modules are opened at once, before any of ours (src/system/open-files.ts) could say a word.
    if (
      error?.code !== 'EMFILE' &&
      error?.code !== 'ENFILE' &&
      (error?.code !== 'ERR_MODULE_NOT_FOUND' || mayOpen(100))
    )
      throw error;
    process.stderr.write(
      'fast-style: Expected that the program may open 100 files but received fewer; raise the limit: ulimit -n 1024.\n',
    );
    process.exitCode = 1;
  }
} else {
  process.stderr.write(
    'fast-style: Expected a program that is built but received its sources alone; run: npm run quickstart (or: npm ci && npm run build).\n',
  );
  process.exitCode = 1;
}

/** Node reports a module that the system does not let it open as one that is missing. */
function mayOpen(files) {
  const open = [];
  try {
    while (open.length < files) open.push(openSync(process.execPath, 'r'));
    return true;
  } catch {
    return false;
  } finally {
    open.forEach(closeSync);
  }
}
