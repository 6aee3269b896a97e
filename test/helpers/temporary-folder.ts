import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of the test's own, removed after it. */
export async function temporaryFolder(t: { after(clean: () => Promise<void>): void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fast-style-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
