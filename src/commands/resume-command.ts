/** The words of a command as a shell takes them, with `--resume` and without what starts afresh. */
export function resumeCommand(words: readonly string[]): string {
  const kept = words.filter((word) => !/^--(resume|overwrite|json)(=true)?$/.test(word));
  return ['npx', 'fast-style', ...kept, '--resume'].map(quoted).join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
