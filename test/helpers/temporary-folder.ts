import { mkdtempSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

const PREFIX = join(tmpdir(), 'fast-style-test-');

/** A folder of the test's own, removed after it. */
export async function temporaryFolder(t: { after(clean: () => Promise<void>): void }): Promise<string> {
  const folder = await mkdtemp(PREFIX);
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder for all tests of a file, removed after them. To be called while the file loads; it does not hold that up. */
export function sharedFolder(): string {
  const folder = mkdtempSync(PREFIX);
  after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
