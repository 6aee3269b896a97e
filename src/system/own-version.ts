import { readFileSync } from 'node:fs';

/** The program's version, as in package.json. */
export function ownVersion(): string {
  const own = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return (own as { version: string }).version;
}
