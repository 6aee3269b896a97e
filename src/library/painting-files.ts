/** What implements the library's `stylizeFiles` and `watchFolder`: what the command line calls. */
import { polishOf } from '../compare/polish.ts';
import type { FilesCall } from '../paint/files-call.ts';
import { paintArriving } from '../paint/paint-arriving.ts';
import { type FileOutcome, paintFiles } from '../paint/paint-files.ts';
import { STYLIZE_SETTINGS } from '../paint/stylize-settings.ts';
import { ConfigError, expected, FastStyleError, InterruptedError } from '../system/errors.ts';
import { valuesOf, withoutRows } from '../system/settings.ts';
import { byOptionNames } from './by-option-names.ts';
import { ownPath } from './gather-input.ts';
import { fileOrBytes } from './open-input.ts';
import { checkOptions, givenOf, type RowsOf, unchecked } from './option-rows.ts';
import type { PhotoSourceInput } from './options.ts';
import type {
  IntoFilesOptions,
  StylizedFile,
  StylizedFiles,
  StylizeFilesCallbacks,
  StylizeFilesOptions,
  WatchFolderCallbacks,
  WatchFolderOptions,
} from './stylize-files-options.ts';

/** The rows of the command; pictures come in more forms than files. */
const OPTIONS = { ...STYLIZE_SETTINGS, mask: unchecked, painting: unchecked };

const FILES = withoutRows(OPTIONS, ['watch']) satisfies RowsOf<StylizeFilesOptions>;

const WATCHED = withoutRows(OPTIONS, ['photo', 'skipExisting', 'sheet']) satisfies RowsOf<WatchFolderOptions>;

/** Throws as the library's `stylizeFiles`. */
export function filesByOptions(
  options: StylizeFilesOptions,
  {
    onProgress,
    onPainted,
    onNote = () => undefined,
    signal = new AbortController().signal,
  }: StylizeFilesCallbacks,
): Promise<StylizedFiles> {
  return byOptionNames(Object.keys(FILES), async () => {
    checkOptions(FILES, options, 'stylizeFiles');
    signal.throwIfAborted();
    const { photo, skipExisting, sheet } = options;
    const files: StylizedFile[] = [];
    let total = 0;
    const report = () => onProgress?.({ done: files.length, total });
    const call = {
      ...(await callOf(options, { say: onNote, signal })),
      photo: [photo ?? []].flat().map(ownPath),
    };
    const { wanted, skipped, unread, isStopped } = await paintFiles(
      { ...call, skipExisting, sheet },
      {
        say: onNote,
        signal: () => signal,
        onBegin(pictures) {
          total = pictures;
          report();
        },
        onOutcome(outcome) {
          const file = fileOf(outcome);
          files.push(file);
          onPainted?.(file);
          report();
        },
      },
    );
    const bug = files.find(isBug);
    if (bug !== undefined) throw bug.error;
    if (isStopped)
      throw new InterruptedError(
        `Stopped: ${files.filter(({ error }) => error === undefined).length} of ${wanted} painted; the same call with skipExisting: true continues.`,
        { cause: signal.reason },
      );
    return { files, skipped, unread };
  });
}

/** Throws as the library's `watchFolder`. */
export function watchByOptions(
  options: WatchFolderOptions,
  { onPainted, onNote = () => undefined, signal }: WatchFolderCallbacks,
): Promise<void> {
  return byOptionNames(Object.keys(WATCHED), async () => {
    checkOptions(WATCHED, options, 'watchFolder');
    if (!(signal instanceof AbortSignal))
      throw new ConfigError(expected('an AbortSignal as signal, which ends the watching', signal));
    const { watch } = options;
    await paintArriving(
      { ...(await callOf(options, { say: onNote, signal })), watch },
      {
        say: onNote,
        signal: () => signal,
        onOutcome(outcome) {
          const file = fileOf(outcome);
          if (isBug(file)) throw file.error;
          onPainted?.(file);
        },
      },
    );
  });
}

/** Options in the form that painting takes. @throws {ConfigError} no `out`. {ImageError} what is no picture. */
async function callOf(
  options: IntoFilesOptions,
  { say, signal }: { readonly say: (line: string) => void; readonly signal: AbortSignal },
): Promise<FilesCall> {
  const { refine, lossNetwork, ...values } = valuesOf(OPTIONS, givenOf(options));
  const read = async (input: PhotoSourceInput | undefined, name: string) =>
    input === undefined ? undefined : fileOrBytes(input, name, signal);
  const mask = await read(options.mask, 'mask');
  const painting = await read(options.painting, 'painting');
  const polish = polishOf({ refine, painting, lossNetwork }, say);
  return { ...values, out: ownPath(values.out), mask, polish };
}

function fileOf({ photo, target, styleName: style, ...rest }: FileOutcome): StylizedFile {
  const { width, height, seconds, error } = rest;
  return {
    photo,
    style,
    file: target.path,
    width,
    height,
    seconds,
    ...(error === undefined ? {} : { error }),
  };
}

const isBug = ({ error }: StylizedFile) => error !== undefined && !(error instanceof FastStyleError);
