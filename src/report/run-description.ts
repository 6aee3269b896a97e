import { basename, join, resolve } from 'node:path';
import { asFileError, writeFileAtomically } from '../system/atomic-file.ts';
import { isRecord, jsonOrNothing, numberOrZero } from '../system/json-text.ts';
import { readPlainText } from '../system/plain-file.ts';
import { DESCRIPTION } from '../train/run/run-folder.ts';

type Texts = Readonly<Record<string, string>>;
type Settings = Readonly<Record<string, unknown>>;

/** What a report says of a run besides its log and previews; written next to them when the run starts or goes on. */
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
  /** Weights of the caller's own terms, which the settings do not have. */
  readonly ownWeights?: Readonly<Record<string, number>>;
  readonly precision: string;
  /** In the data set. */
  readonly photos: number;
  readonly lossNetwork: Texts;
  readonly software: Texts;
  /** The command that continues the run. */
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

/** The folder's description; of one that has none, or a damaged one, what its name says. @throws {FileError} it cannot be read. */
export async function readRunDescription(folder: string): Promise<RunDescription> {
  const path = join(folder, DESCRIPTION);
  const text = await readPlainText(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw asFileError(error, `read ${path}`);
  });
  const found = recordOf(jsonOrNothing(text));
  const list = (value: unknown) => (Array.isArray(value) ? value : []).map(recordOf);
  return {
    name: textOf(found.name) || basename(resolve(folder)),
    style: texts(found.style),
    config: recordOf(found.config),
    legs: list(found.legs).map(({ step, images, config, from }) => ({
      step: numberOrZero(step),
      images: numberOrZero(images),
      config: recordOf(config),
      ...(from !== undefined && { from: originOf(recordOf(from)) }),
    })),
    ownWeights: numbersIn(found.ownWeights),
    precision: textOf(found.precision),
    photos: numberOrZero(found.photos),
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
  return numberOrZero(images) + (from === undefined ? 0 : photosOf(recordOf(from)));
}

const recordOf = (value: unknown): Settings => (isRecord(value) ? value : {});
const textOf = (value: unknown) => (typeof value === 'string' ? value : '');
const texts = (value: unknown): Texts =>
  Object.fromEntries(
    Object.entries(recordOf(value)).map(([key, text]) => [
      key,
      typeof text === 'string' ? text : JSON.stringify(text),
    ]),
  );
const numbersIn = (value: unknown): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(recordOf(value)).filter((entry): entry is [string, number] => Number.isFinite(entry[1])),
  );
const base64 = (value: unknown) => (/^[A-Za-z0-9+/=]*$/.test(textOf(value)) ? textOf(value) : '');
