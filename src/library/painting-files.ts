/** What implements the library's `stylizeFiles` and `watchFolder`: what the command line calls. */
import type { FilesCall } from '../paint/files-call.ts';
import { paintArriving } from '../paint/paint-arriving.ts';
import { type FileOutcome, paintFiles } from '../paint/paint-files.ts';
import { ConfigError, expected, FastStyleError, InterruptedError } from '../system/errors.ts';
import type { SettingsTable } from '../system/settings.ts';
import { byOptionNames } from './by-option-names.ts';
import { ownPath } from './gather-input.ts';
import { fileOrBytes } from './open-input.ts';
import { checkOptions, flag, givenOf, text, textsSetting } from './option-rows.ts';
import type {
  IntoFilesOptions,
  StylizedFile,
  StylizedFiles,
  StylizeFilesCallbacks,
  StylizeFilesOptions,
  WatchFolderCallbacks,
  WatchFolderOptions,
} from './stylize-files.ts';
import { INTO_FILES } from './stylizer-rows.ts';

const FILES = { ...INTO_FILES, photo: textsSetting, skipExisting: flag, sheet: text } satisfies Record<
  keyof StylizeFilesOptions,
  SettingsTable[string]
>;

const WATCHED = { ...INTO_FILES, watch: text } satisfies Record<
  keyof WatchFolderOptions,
  SettingsTable[string]
>;

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
    const call = { ...(await callOf(options, signal)), photo: [photo ?? []].flat().map(ownPath) };
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
      { ...(await callOf(options, signal)), watch },
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

/** Options in the form that painting takes. @throws {ConfigError} no `out`. {ImageError} what is no mask. */
async function callOf(options: IntoFilesOptions, signal: AbortSignal): Promise<FilesCall> {
  const { out, mask, maxPixels, ...given } = givenOf(options) as unknown as IntoFilesOptions;
  if (out === undefined) throw new ConfigError(expected('a file or folder for out', 'none'));
  return {
    ...{ lossless: false, profile: 'srgb', strip: false, damaged: 'refuse', amount: 1, colors: 'style' },
    ...{ overwrite: false, precision: 'auto', engine: 'compiled', tiles: 'auto' },
    ...given,
    out: ownPath(out),
    ...(maxPixels === undefined ? {} : { maxPixels: String(maxPixels) }),
    ...(mask === undefined ? {} : { mask: await fileOrBytes(mask, 'mask', signal) }),
  };
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
