/** The commands of docs/optimization.md, block by block with the picture that shows what came of them. */
import { readFileSync } from 'node:fs';

export interface DocumentedBlock {
  /** Arguments of each `npx --no-install fast-style`, without it. */
  readonly commands: readonly (readonly string[])[];
  /** File name of the first picture after the block, in docs/pictures. */
  readonly picture: string | undefined;
  /** That of the first SVG after it: the plot of its run. */
  readonly plot: string | undefined;
}

const DOCUMENT = new URL('../docs/optimization.md', import.meta.url);

/** What a line of other options keeps of the command above it. */
const KEPT = ['content', 'style', 'size', 'iterations'];

/** Blocks of shell commands, in order. No quoting: the document needs none. */
export function documentedBlocks(text = readFileSync(DOCUMENT, 'utf8')): DocumentedBlock[] {
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```\n([\s\S]*?)(?=^```sh\n|$(?![\s\S]))/gm)];
  return blocks.map(([, code = '', rest = '']) => ({
    commands: commandsIn(code),
    picture: /!\[[^\]]*\]\(pictures\/([^)]+)\)/.exec(rest)?.[1],
    plot: /!\[[^\]]*\]\(pictures\/([^)]+\.svg)\)/.exec(rest)?.[1],
  }));
}

/** Each command of a block. `# --option …` is the command above it with other options, of which only `KEPT` remain. */
function commandsIn(code: string): string[][] {
  let above: string[] = [];
  return code
    .trim()
    .split('\n')
    .map((line) => {
      const words = line.replace(/^(npx --no-install fast-style|#) /, '').split(/\s+/);
      if (!line.startsWith('#')) {
        above = words;
        return words;
      }
      const kept = KEPT.filter((name) => !words.includes(`--${name}`));
      return [above[0]!, ...words, ...kept.flatMap((name) => wordsOf(above, name))];
    });
}

/** An option with all its values. */
function wordsOf(command: readonly string[], name: string): readonly string[] {
  const at = command.indexOf(`--${name}`);
  if (at < 0) return [];
  const next = command.findIndex((word, i) => i > at && word.startsWith('--'));
  return command.slice(at, next < 0 ? undefined : next);
}

/** The value after an option. */
export function optionOf(command: readonly string[], name: string): string | undefined {
  const at = command.indexOf(`--${name}`);
  return at < 0 ? undefined : command[at + 1];
}
