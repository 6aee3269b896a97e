import { FastStyleError } from '../system/errors.ts';

/**
 * Does work whose errors speak of the command line's options, and lets them speak of the library's: `styleSize` for
 * `--style-size`.
 *
 * @param names of the options there are.
 */
export async function byOptionNames<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw withOptionNames(names, error);
  }
}

/** The error, speaking of the library's options. @param names of the options there are. */
export function withOptionNames(names: readonly string[], error: unknown): unknown {
  if (error instanceof FastStyleError)
    error.message = error.message.replace(/--([a-z]+(?:-[a-z]+)*)/g, (typed, name: string) => {
      const camel = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
      return names.includes(camel) ? camel : typed;
    });
  return error;
}
