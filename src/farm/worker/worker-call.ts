/** What a worker is asked to do, as it is typed. Loads nothing heavy. */
import { ConfigError, expected } from '../../system/errors.ts';
import { KIND_NAMES } from '../kinds/kinds.ts';

/** `stylize,video`; all unless given. @throws {ConfigError} there is no such kind. */
export function checkedKinds(text: string | undefined): readonly string[] {
  if (text === undefined) return KIND_NAMES;
  const kinds = text.split(',').map((kind) => kind.trim());
  const unknown = kinds.find((kind) => !KIND_NAMES.includes(kind));
  if (unknown === undefined) return [...new Set(kinds)];
  throw new ConfigError(expected(`kinds among ${KIND_NAMES.join(', ')} for --kinds`, unknown));
}

/** @throws {ConfigError} one that no queue can be named after. */
export function checkedTags(tags: readonly string[]): readonly string[] {
  const odd = tags.find((tag) => !/^[a-z0-9][a-z0-9_-]{0,31}$/.test(tag));
  if (odd === undefined) return [...new Set(tags)].sort();
  throw new ConfigError(expected('small letters, digits, - or _ for --tag', odd));
}
