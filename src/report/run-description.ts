import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { writeFileAtomically } from '../atomic-file.ts';
import { DESCRIPTION } from '../train/run-folder.ts';

type Texts = Readonly<Record<string, string>>;
type Settings = Readonly<Record<string, unknown>>;

/** What a report says of a run besides its log and previews; written beside them when the run starts or goes on. */
export interface RunDescription {
  readonly name: string;
  /** The painting: file name, and title, author and licence when given. */
  readonly style: Texts;
  /** Of the last leg. */
  readonly config: Settings;
  readonly legs: readonly {
    readonly step: number;
    readonly images: number;
    readonly config: Settings;
    /** Of the first leg: the style whose weights it took, and the photos that these had been trained on, all in all. */
    readonly from?: { readonly name: string; readonly images: number };
  }[];
  readonly precision: string;
  /** In the data set. */
  readonly photos: number;
  readonly lossNetwork: Texts;
  readonly software: Texts;
  /** The command that goes on with the run. */
  readonly command: string;
  /** Small WebP of the painting, base64. */
  readonly painting: string;
  /** The preview photos as they are, likewise. */
  readonly originals: readonly { readonly name: string; readonly picture: string }[];
}

/** @throws {FileError} it cannot be written. */
export async function writeRunDescription(folder: string, description: RunDescription): Promise<void> {
  await writeFileAtomically(join(folder, DESCRIPTION), `${JSON.stringify(description)}\n`, {
    overwrite: true,
  });
}

/** The folder's description; of one that has none, or a damaged one, what its name says. */
export async function readRunDescription(folder: string): Promise<RunDescription> {
  const text = await readFile(join(folder, DESCRIPTION), 'utf8').catch(() => '{}');
  const found = recordOf(parsed(text));
  const list = (value: unknown) => (Array.isArray(value) ? value : []).map(recordOf);
  return {
    name: textOf(found.name) || basename(resolve(folder)),
    style: texts(found.style),
    config: recordOf(found.config),
    legs: list(found.legs).map(({ step, images, config, from }) => ({
      step: Number(step) || 0,
      images: Number(images) || 0,
      config: recordOf(config),
      ...(from !== undefined && { from: originOf(recordOf(from)) }),
    })),
    precision: textOf(found.precision),
    photos: Number(found.photos) || 0,
    lossNetwork: texts(found.lossNetwork),
    software: texts(found.software),
    command: textOf(found.command),
    painting: base64(found.painting),
    originals: list(found.originals).map(({ name, picture }) => ({
      name: textOf(name),
      picture: base64(picture),
    })),
  };
}

const originOf = (origin: Settings) => ({ name: textOf(origin.name), images: photosOf(origin) });

/** With those of the style that it was started from itself, and so on. */
function photosOf({ images, legs }: Settings): number {
  const [first] = Array.isArray(legs) ? legs : [];
  const { from } = recordOf(first);
  return (Number(images) || 0) + (from === undefined ? 0 : photosOf(recordOf(from)));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const recordOf = (value: unknown): Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Settings) : {};
const textOf = (value: unknown) => (typeof value === 'string' ? value : '');
const texts = (value: unknown): Texts =>
  Object.fromEntries(Object.entries(recordOf(value)).map(([key, text]) => [key, String(text)]));
const base64 = (value: unknown) => (/^[A-Za-z0-9+/=]*$/.test(textOf(value)) ? textOf(value) : '');
