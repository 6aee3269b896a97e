#!/usr/bin/env node
/**
 * The program under the name that npm gives it. A file of its own that is there before anything is built: in a clone npx
 * links it once, leaves a file out that is not there, and does not look again.
 */
import { existsSync } from 'node:fs';

const program = new URL('../dist/cli.js', import.meta.url);
if (existsSync(program)) {
  try {
    await import(program.href);
  } catch (error) {
    // All modules are opened at once, before any of ours could say a word.
    if (error?.code !== 'EMFILE' && error?.code !== 'ENFILE') throw error;
    process.stderr.write(
      'fast-style: Expected that the program may open 100 files but received fewer; raise the limit: ulimit -n 1024\n',
    );
    process.exitCode = 1;
  }
} else {
  process.stderr.write(
    'fast-style: Expected a program that is built but received its sources alone; run: npm run quickstart (or: npm ci && npm run build).\n',
  );
  process.exitCode = 1;
}
