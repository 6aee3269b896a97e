/** A style's network against the optimisation of its training loss: one task, as its figures are times on one machine. */
import { basename, join, posix } from 'node:path';
import { drawPhotos, isPhotoName, type PhotoFile } from '../../data/photo-files.ts';
import { COMPARE_SETTINGS, type CompareCall } from '../../judge/compare-call.ts';
import { ConfigError, DatasetError, expected, FileError, InterruptedError } from '../../system/errors.ts';
import { isRecord } from '../../system/json-text.ts';
import { ownSetting, textSetting } from '../../system/setting-kinds.ts';
import { checkSettings, type SettingsTable, typedValues } from '../../system/settings.ts';
import { requireKey, requireOutputKey } from '../store/key.ts';
import { fetchInto } from './fetch-into.ts';
import { styleFetcher } from './fetched-styles.ts';
import type { Kind, Task, TaskContext } from './kind.ts';
import { requireStyleKey, styleInStore } from './stylize-call.ts';

/** The options of `compare`, with keys in place of paths; settings as they are typed. */
export interface CompareJob {
  readonly style: string;
  /** A folder's key, with its slash. */
  readonly photos: string;
  readonly painting: string;
  /** A folder's key, with its slash; `compare/<style>/` unless given. */
  readonly out?: string;
  /** A name, or the key of a file. */
  readonly lossNetwork?: string;
}

const folder = (what: string, require = requireKey) =>
  ownSetting(
    (value): string => {
      if (typeof value !== 'string' || !value.endsWith('/'))
        throw new ConfigError(expected(`a folder for ${what}`, value, 'end it with a slash'));
      if (value !== '/') require(value.slice(0, -1), what);
      return value;
    },
    { default: '' },
  );

const FILES = {
  style: ownSetting(requireStyleKey, { default: '' }),
  painting: ownSetting((value) => requireKey(value, 'a painting'), { default: '' }),
  photos: folder('--photos'),
  out: folder('--out', requireOutputKey),
  lossNetwork: textSetting({ default: '' }),
} as const satisfies SettingsTable;

/** TensorFlow and the loss network; and for each pixel VGG19's feature maps, with their gradients. */
const [RESIDENT, PER_PIXEL] = [2 ** 30, 3500];
const REPORT = ['report.md', 'report.json', 'sheet.jpg'];

export const compareKind: Kind<CompareJob> = {
  name: 'compare',
  check(data) {
    if (!isRecord(data)) throw new ConfigError(expected('options of compare', data));
    const { style, photos, painting, out, lossNetwork, ...settings } = data;
    const optional = {
      ...(out === undefined ? {} : { out }),
      ...(lossNetwork === undefined ? {} : { lossNetwork }),
    };
    checkSettings(FILES, { style, photos, painting, ...optional }, 'a comparison');
    const unknown = Object.keys(settings).find((name) => !Object.hasOwn(COMPARE_SETTINGS, name));
    if (unknown !== undefined) throw new ConfigError(expected('an option of compare', unknown));
    typedValues(COMPARE_SETTINGS, settings);
    return data as unknown as CompareJob;
  },
  async admit(data, { store }) {
    if (settingsOf(data).overwrite || data.out === undefined) return;
    for (const name of REPORT)
      if (await store.exists(data.out + name))
        throw new FileError(`${data.out}${name} exists already; choose another --out or pass --overwrite.`);
  },
  async *split(data): AsyncGenerator<Task> {
    const largest = Math.max(...settingsOf(data).sizes);
    yield { name: data.photos, data, needs: { bytes: RESIDENT + PER_PIXEL * largest ** 2 } };
  },
  run: runComparison,
};

function settingsOf(data: CompareJob) {
  return typedValues(COMPARE_SETTINGS, data as unknown as Readonly<Record<string, unknown>>);
}

async function runComparison(task: unknown, context: TaskContext): Promise<void> {
  const data = compareKind.check(task);
  const { store, scratch, signal } = context;
  const settings = settingsOf(data);
  const found: PhotoFile[] = [];
  for await (const { key, bytes } of store.list(data.photos === '/' ? '' : data.photos)) {
    const name = data.photos === '/' ? key : key.slice(data.photos.length);
    const isHidden = name.split('/').some((part) => part.startsWith('.'));
    if (!isHidden && isPhotoName(name)) found.push({ path: key, name, bytes });
  }
  found.sort((a, b) => (a.name < b.name ? -1 : 1));
  const drawn = drawPhotos(found, settings.limit, settings.seed);
  if (drawn.length === 0) throw new DatasetError(`There are no pictures in ${data.photos} of ${store.url}.`);
  const name = data.photos === '/' ? 'photos' : posix.basename(data.photos);
  for (const { path, name: place } of drawn) await fetchInto(context, path, `photos/${name}/${place}`);
  const out = join(scratch, 'out');
  const { lossNetwork } = data;
  const call: CompareCall = {
    ...settings,
    ...{ limit: drawn.length, out, overwrite: true, photos: join(scratch, 'photos', name) },
    style: await styleFetcher(context)(data.style),
    painting: await fetchInto(context, data.painting, `painting/${basename(data.painting)}`),
    lossNetwork: lossNetwork?.includes('/')
      ? await fetchInto(context, lossNetwork, `loss/${basename(lossNetwork)}`)
      : lossNetwork,
  };
  const { compareStyle } = await import('../../judge/compare-style.ts');
  const { report, isStopped } = await compareStyle(call, {
    say: () => undefined,
    signal: () => signal,
    onIteration: ({ done, total }) => context.onProgress(done, total),
  });
  if (isStopped) throw new InterruptedError('Stopped.');
  const place =
    data.out ?? `compare/${report.style || basename(styleInStore(data.style)!.key, '.safetensors')}/`;
  for (const file of REPORT) await store.put(join(out, file), place === '/' ? file : place + file, signal);
}
