/** `npm run bench`: prepares everything from a fresh clone, then measures ours and the peers (bench/run.ts). */
import { join } from 'node:path';
import { finish, prepare, runNode } from './steps.mjs';

await finish(async () => {
  await prepare();
  await runNode('--import', 'tsx', join('bench', 'run.ts'), ...process.argv.slice(2));
});
