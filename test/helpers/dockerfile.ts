/** As much of a Dockerfile as can be judged without an engine. */

export interface Instruction {
  /** In capitals. */
  readonly name: string;
  /** `--from=pack` as from: pack. */
  readonly flags: Readonly<Record<string, string>>;
  /** What is left, on one line. */
  readonly text: string;
}

export interface Stage {
  readonly name: string;
  /** An image, or an earlier stage. */
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

/** Instructions in order; continued lines are joined, comments are left out. */
export function instructionsOf(dockerfile: string): Instruction[] {
  const joined = dockerfile
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replace(/\\\n\s*/g, '');
  return joined
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name, flagText = '', text = ''] = /^([A-Z]+)((?: --\S+)*) +(.*)$/.exec(line) ?? [];
      if (name === undefined) throw new SyntaxError(`No instruction: ${line}`);
      const flags = [...flagText.matchAll(/--([\w-]+)=(\S+)/g)].map(([, key, value]) => [key, value]);
      return { name, flags: Object.fromEntries(flags) as Record<string, string>, text };
    });
}

/** Stages in order, and what precedes the first. */
export function stagesOf(dockerfile: string): { head: readonly Instruction[]; stages: readonly Stage[] } {
  const head: Instruction[] = [];
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  for (const instruction of instructionsOf(dockerfile)) {
    if (instruction.name !== 'FROM') {
      (stages.at(-1)?.instructions ?? head).push(instruction);
      continue;
    }
    const [, base, name] = /^(\S+) AS (\S+)$/.exec(instruction.text) ?? [];
    if (base === undefined || name === undefined) throw new SyntaxError(`No stage: ${instruction.text}`);
    stages.push({ name, base, instructions: [] });
  }
  return { head, stages };
}

/** Whether a path of the context is kept from the builder: the last pattern that fits decides. */
export function isIgnored(path: string, dockerignore: string): boolean {
  const patterns = dockerignore.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const fits = (pattern: string) => pattern === '*' || path === pattern || path.startsWith(`${pattern}/`);
  const last = patterns.findLast((line) => fits(line.replace(/^!/, '')));
  return last !== undefined && !last.startsWith('!');
}
