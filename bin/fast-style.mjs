#!/usr/bin/env node
/**
 * The program under the name that npm gives it. A file of its own that is there before anything is built: in a clone npx
 * links it once, leaves a file out that is not there, and does not look again.
 */
import { existsSync } from 'node:fs';

const program = new URL('../dist/cli.js', import.meta.url);
if (existsSync(program)) {
  await import(program.href);
} else {
  process.stderr.write(
    'fast-style: Expected a program that is built but received its sources alone; run: npm run quickstart (or: npm ci && npm run build).\n',
  );
  process.exitCode = 1;
}
