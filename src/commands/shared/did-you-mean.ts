/** What somebody meant whose command line yargs does not understand. */
import { nearestName } from '../../system/nearest-name.ts';
import { optionName } from '../../system/settings.ts';

/**
 * yargs' complaint, in one line, with the option that was meant where one was mistyped. Looks at all that was typed: of a
 * mistyped option that is required, yargs says only that it is missing.
 *
 * @param args as they were typed. @param known names of the options of the command that was called, in any of their spellings.
 */
export function withMeantOption(message: string, args: readonly string[], known: readonly string[]): string {
  const line = message.replace(/\s*\n\s*/g, ' ').replace(/^Did you mean/, 'Unknown command; did you mean');
  const end = args.indexOf('--');
  const typed = (end === -1 ? args : args.slice(0, end)).flatMap(
    (arg) => /^--(?:no-)?([^=]+)/.exec(arg)?.[1] ?? [],
  );
  const names = new Set(known.map(optionName));
  for (const name of typed) {
    if (names.has(optionName(name))) continue;
    const meant = nearestName(optionName(name), names);
    if (meant === undefined) continue;
    return `${line}; did you mean --${meant}${line.includes(name) ? '' : ` for --${name}`}?`;
  }
  return line;
}
