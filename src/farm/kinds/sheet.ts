/** A photo in every style that a worker has, on one sheet: one task. */
import { join, posix } from 'node:path';
import { pictureFormat } from '../../data/image-file.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { isRecord } from '../../system/json-text.ts';
import { ownSetting, switchSetting } from '../../system/setting-kinds.ts';
import { checkSettings, type SettingsTable } from '../../system/settings.ts';
import { requireKey, requireOutputKey } from '../store/key.ts';
import { existsAlready } from '../store/writable.ts';
import type { Kind, Task } from './kind.ts';

/** The options of `styles sheet`, with keys in place of paths. */
export interface SheetJob {
  readonly file: string;
  readonly photo: string;
  readonly overwrite?: boolean;
}

const ROWS = {
  file: ownSetting((value) => requireOutputKey(value, 'the sheet'), { default: '' }),
  photo: ownSetting((value) => requireKey(value, 'a photo'), { default: '' }),
  overwrite: switchSetting({ default: false }),
} as const satisfies SettingsTable;

/** TensorFlow, a photo of 512 px, one style at a time. */
const BYTES = 2 ** 30;

export const sheetKind: Kind<SheetJob> = {
  name: 'sheet',
  check(data) {
    if (!isRecord(data)) throw new ConfigError(expected('options of styles sheet', data));
    const { file, photo, ...rest } = data;
    checkSettings(ROWS, { file, photo, ...rest }, 'a sheet of styles');
    pictureFormat(String(file));
    return data as unknown as SheetJob;
  },
  async admit({ file, overwrite = false }, { store }) {
    if (overwrite || !(await store.exists(file))) return;
    throw existsAlready(file, store, 'name');
  },
  async *split(data): AsyncGenerator<Task> {
    yield { name: data.file, data, needs: { bytes: BYTES } };
  },
  async run(task, { store, scratch, signal, onProgress }) {
    const { file, photo } = sheetKind.check(task);
    const input = join(scratch, `photo${posix.extname(photo)}`);
    await store.fetch(photo, input, signal);
    const out = join(scratch, `sheet${posix.extname(file)}`);
    const { paintStylesSheet } = await import('../../paint/styles-sheet.ts');
    await paintStylesSheet(
      { out, photo: input, overwrite: true },
      {
        say: () => undefined,
        onPainted(done, total) {
          onProgress(done, total);
          signal.throwIfAborted();
        },
      },
    );
    await store.put(out, file, signal);
  },
};
