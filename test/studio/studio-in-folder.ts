/** A studio in a folder of its own with tiny networks, asked over HTTP as its page asks. */
import { mkdir, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { StudioTraining } from '../../src/studio/job-work.ts';
import type { StudioItem, StudioJob, StudioState } from '../../src/studio/protocol.ts';
import { startCli } from '../helpers/run-cli.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPhoto, tinyDataset } from '../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../helpers/tiny-loss-network.ts';
import { waitFor } from '../helpers/wait-for.ts';

const NET = 'c3s1-4,c3s1-3';

export const LOOK = { amount: 1, stroke: 1, colors: 'style' } as const;
export const JPEG = { format: 'jpeg', strip: false } as const;

/** A folder with two styles of its own. */
export async function studioFolderIn(folder: string): Promise<string> {
  const studio = join(folder, 'studio');
  await mkdir(join(studio, 'styles'), { recursive: true });
  for (const [i, name] of ['dim', 'grey'].entries())
    await writeTinyCheckpoint(join(studio, 'styles', `${name}.safetensors`), NET, {}, i + 1);
  return studio;
}

/** Settings of a training that takes moments. */
export async function tinyTraining(folder: string): Promise<StudioTraining> {
  await tinyDataset(folder, 5);
  await writeTinyLossNetwork(join(folder, 'vgg.safetensors'));
  return {
    data: join(folder, 'dataset'),
    lossNetwork: join(folder, 'vgg.safetensors'),
    architecture: NET,
    contentLayers: { relu2_2: 1 },
    styleLayers: { relu1_1: 1 },
    ...{ imageSize: 32, styleSize: 32, batch: 1, warmup: 1, smallCrops: 0 },
  };
}

/** A painting to drop. */
export async function painting(folder: string, name = 'wave.png'): Promise<Buffer> {
  return readFile(await drawnPhoto(join(folder, name), 60, 48, { seed: 9 }));
}

/** The built program as a process of its own, and the address that it prints. */
export async function startStudio(t: TestContext, args: readonly string[]) {
  const { child, done, stderr } = startCli(['studio', '--no-open', ...args]);
  t.after(async () => {
    child.kill('SIGKILL');
    await done;
  });
  let said = '';
  child.stdout!.on('data', (part) => {
    said += part;
  });
  await waitFor('its address', () => said.includes('\n'), { child, done, stderr });
  return { child, done, client: new StudioClient(said.trim()) };
}

/** What the page asks, without a page. */
export class StudioClient {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const isBytes = body instanceof Uint8Array;
    const response = await fetch(`${this.url}api/${path}`, {
      method,
      ...(body === undefined ? {} : { body: isBytes ? new Uint8Array(body) : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  drop(kind: StudioItem['kind'], name: string, bytes: Uint8Array): Promise<StudioItem> {
    return this.call('POST', `items?kind=${kind}&name=${encodeURIComponent(name)}`, bytes);
  }

  state(): Promise<StudioState> {
    return this.call('GET', 'state');
  }

  async job(id: string): Promise<StudioJob> {
    const { jobs } = await this.state();
    return jobs.find((job) => job.id === id)!;
  }

  async bytes(path: string): Promise<Buffer> {
    const response = await fetch(`${this.url}api/${path}`);
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    return Buffer.from(await response.arrayBuffer());
  }
}

/** The status of a request with headers that `fetch` does not let one set. */
export function statusOf(
  url: string,
  headers: Readonly<Record<string, string>>,
  method = 'GET',
): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', reject).end();
  });
}
