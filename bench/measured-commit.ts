/** Which commit a page's figures are of, and what has changed since in what they measure. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** The sources whose speed, memory and agreement the sections measure. */
const MEASURED = [
  'src/engine',
  'src/losses',
  'src/networks',
  'src/optimize',
  'src/paint',
  'src/train/step',
  'src/video',
];

async function git(...args: string[]): Promise<string> {
  return (await promisify(execFile)('git', args, { cwd: ROOT, encoding: 'utf8' })).stdout.trim();
}

/**
 * Short hash of the commit at hand, followed by `with changes` if a measured file differs from it;
 * `unknown` without git or outside a repository.
 */
export async function commitAtHand(): Promise<string> {
  try {
    const changed = await git('status', '--porcelain', '--', ...MEASURED);
    return `${await git('rev-parse', '--short=7', 'HEAD')}${changed === '' ? '' : ' with changes'}`;
  } catch {
    return 'unknown';
  }
}

/** The commit that a section's first line names. */
export function commitOf(section: string): string | undefined {
  return /^.*\bcommit ([0-9a-f]{7,40})\b/.exec(section)?.[1];
}

/**
 * How many commits have changed a measured file since `commit`; `undefined` where the history does not reach
 * back that far, as in a shallow clone.
 */
export async function changesSince(commit: string): Promise<number | undefined> {
  try {
    return Number(await git('rev-list', '--count', `${commit}..HEAD`, '--', ...MEASURED));
  } catch {
    return undefined;
  }
}
