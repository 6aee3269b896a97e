import { ConfigError, expected } from '../../system/errors.ts';

/** What S3 takes at most, and so everybody. */
const MOST_BYTES = 1024;
/** Of files that are being written (src/system/atomic-file.ts): no key may look like one. */
const TEMPORARY = /\.\d+-[0-9a-f]{8}\.part$/;

/**
 * A key, if it is one that every store can hold and that leads nowhere else: names between single slashes, none of them `.` or `..`.
 *
 * @param what it is of, for the message. @throws {ConfigError} it is none.
 */
export function requireKey(key: unknown, what = 'a file'): string {
  const isKey =
    typeof key === 'string' &&
    Buffer.byteLength(key) <= MOST_BYTES &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
    !/[\u0000-\u001f\u007f\\]/.test(key) &&
    !/\p{Surrogate}/u.test(key) &&
    !TEMPORARY.test(key) &&
    key.split('/').every((name) => name !== '' && name !== '.' && name !== '..');
  if (isKey) return key;
  throw new ConfigError(
    expected(`the key of ${what}`, key, "names below the store's root with / between, as photos/a.jpg"),
  );
}

/** The farm's own folder in a store. */
export const OWN = '.fast-style';

/** A key to write to: not in the farm's own folder, where other jobs' files are. @throws {ConfigError} it is none. */
export function requireOutputKey(key: unknown, what = 'a file to write'): string {
  const checked = requireKey(key, what);
  // Some file systems do not tell capitals from small letters.
  if (checked.split('/')[0]!.toLowerCase() !== OWN) return checked;
  throw new ConfigError(expected(`${what} outside ${OWN}/`, key, "that folder is the farm's own"));
}

/** Whether a file is one that is being written. */
export const isTemporary = (name: string): boolean => TEMPORARY.test(name);
