import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

// Lines of TensorFlow's loggers: `I0000 00:00:1795256591.988057 6498 port.cc:153] …` or `2026-01-31 12:00:00.1: I …`.
const NOTICE = /^(?:[IW]\d{4} \d\d:\d\d:|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IW] )/;
const PREAMBLE = /^WARNING: All log messages before absl::InitializeLog\(\)/;
const CONTINUATION = /^To enable the following instructions: /;

/** What TensorFlow wrote while it was loaded, without its notices: errors and everything unknown stay. */
export function withoutNotices(written: string): string {
  return written
    .split(/(?<=\n)/)
    .filter((line) => !NOTICE.test(line) && !PREAMBLE.test(line) && !CONTINUATION.test(line))
    .join('');
}

/**
 * Loads TensorFlow's library without its notices on standard error, if set-up has compiled the addon for that beside
 * the binding. Who sets `TF_CPP_MIN_LOG_LEVEL` wants to read them and gets them.
 */
export function loadQuietly(binding: string): void {
  const addon = join(dirname(binding), 'quiet.node');
  if (process.env.TF_CPP_MIN_LOG_LEVEL !== undefined || !existsSync(addon)) return;
  const { load } = createRequire(import.meta.url)(addon) as { load(path: string): string };
  process.env.TF_CPP_MIN_LOG_LEVEL = '2';
  const rest = withoutNotices(load(binding));
  if (rest !== '') process.stderr.write(rest);
}
