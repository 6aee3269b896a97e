/**
 * `npm run pack`: from a fresh clone to fast-style-<version>.tgz, which installs elsewhere (docs/setup.md). Plain
 * `npm pack` would pack what lies in dist, if anything: .npmrc keeps scripts from running, `prepack` among them.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stagePackage } from './stage-package.mjs';
import { build, finish, installPackages, root, runNpm, timed } from './steps.mjs';

await finish(async () => {
  await timed('npm packages', installPackages);
  await timed('build', build);
  const stage = mkdtempSync(join(tmpdir(), 'fast-style-pack-'));
  try {
    stagePackage(root, stage);
    await runNpm('pack', stage, '--ignore-scripts', ...process.argv.slice(2));
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
});
