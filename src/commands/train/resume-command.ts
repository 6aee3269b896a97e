import { ownCommand } from '../../system/own-command.ts';
import { shellWord } from '../../system/shell-word.ts';

/** The words of a command as a shell takes them, with `--resume` and without what starts again. */
export function resumeCommand(words: readonly string[]): string {
  const kept = words.filter((word) => !/^--(resume|overwrite|json)(=true)?$/.test(word));
  return ownCommand([...kept, '--resume'].map(shellWord).join(' '));
}
