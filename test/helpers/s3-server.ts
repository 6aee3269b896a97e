/** A real server that talks like S3: versitygw or, without it, moto. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { waitFor } from './wait-for.ts';

const runs = (program: string) => spawnSync(program, ['--help']).status === 0;
const PROGRAM = [process.env.FAST_STYLE_S3_SERVER, 'versitygw', 'moto_server'].find(
  (program) => program !== undefined && runs(program),
);

/** Why a test that needs it is skipped; false where it is there. */
export const noS3Server: string | false =
  PROGRAM === undefined &&
  'there is neither versitygw nor moto_server (on the PATH, or named by FAST_STYLE_S3_SERVER)';

const [USER, SECRET] = ['farm', 'a secret of the tests'];

/** Starts one with an empty bucket named `films`. Answers the variables by which a program reaches it. */
export async function startS3Server(t: {
  after(clean: () => Promise<void>): void;
}): Promise<Readonly<Record<string, string>>> {
  const folder = await temporaryFolder(t);
  const port = await freePort();
  const place = `127.0.0.1:${port}`;
  mkdirSync(join(folder, 'data', 'films'), { recursive: true });
  const isMoto = PROGRAM!.includes('moto');
  const args = isMoto
    ? ['-H', '127.0.0.1', '-p', String(port)]
    : ['--access', USER, '--secret', SECRET, '--port', place, 'posix', join(folder, 'data')];
  const child: ChildProcess = spawn(PROGRAM!, args, { stdio: 'ignore' });
  const ended = once(child, 'exit');
  t.after(async () => {
    child.kill();
    await ended;
  });
  const answers = () =>
    fetch(`http://${place}/`).then(
      () => true,
      () => child.exitCode !== null,
    );
  await waitFor(`${PROGRAM} to answer`, answers);
  if (isMoto) await fetch(`http://${place}/films`, { method: 'PUT' });
  return {
    ...{ AWS_ENDPOINT_URL: `http://${place}`, AWS_REGION: 'us-east-1' },
    ...{ AWS_ACCESS_KEY_ID: USER, AWS_SECRET_ACCESS_KEY: SECRET },
  };
}
