import { RuntimeSetupError } from '../../system/errors.ts';
import { ownCommand } from '../../system/own-command.ts';

/** What the system's loader says where a file system is mounted so that nothing on it is run. */
const NOEXEC = /failed to map segment from shared object|cannot enable executable|Operation not permitted/;

/** Why a library was not loaded, and what to do, for people. @param message of the loader, of Node or of a child process. */
export function loadingFault(message: string, where: string): string {
  const line = message.split('\n', 1)[0]!.trim();
  return NOEXEC.test(line)
    ? `${where} lies where nothing may be run from (a noexec mount); set FAST_STYLE_CACHE to another folder`
    : line;
}

/**
 * Does what loads TensorFlow's libraries.
 *
 * @param binding that is loaded.
 * @throws {RuntimeSetupError} the system's loader refuses one, or FAST_STYLE_BINDING names none of ours. Whatever else is thrown, as it is.
 */
export function whileLoading<T>(binding: string, load: () => T): T {
  try {
    return load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const own = process.env.FAST_STYLE_BINDING;
    // What somebody else has built may be anything; what set-up has proved is a bug if it does not load otherwise.
    if (code !== 'ERR_DLOPEN_FAILED' && !own) throw error;
    const remedy = own ? 'unset FAST_STYLE_BINDING' : `run: ${ownCommand('setup --force')}`;
    throw new RuntimeSetupError(
      `The TensorFlow runtime cannot be loaded: ${loadingFault(message, binding)}; ${remedy}.`,
      { cause: error },
    );
  }
}
