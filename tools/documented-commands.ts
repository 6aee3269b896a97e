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

/** Blocks of shell commands, in order. No quoting: the document needs none. */
export function documentedBlocks(text = readFileSync(DOCUMENT, 'utf8')): DocumentedBlock[] {
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```\n([\s\S]*?)(?=^```sh\n|$(?![\s\S]))/gm)];
  return blocks.map(([, code = '', rest = '']) => ({
    commands: code
      .trim()
      .split('\n')
      .map((line) => line.replace(/^npx --no-install fast-style /, '').split(/\s+/)),
    picture: /!\[[^\]]*\]\(pictures\/([^)]+)\)/.exec(rest)?.[1],
    plot: /!\[[^\]]*\]\(pictures\/([^)]+\.svg)\)/.exec(rest)?.[1],
  }));
}

/** The value after an option. */
export function optionOf(command: readonly string[], name: string): string | undefined {
  const at = command.indexOf(`--${name}`);
  return at < 0 ? undefined : command[at + 1];
}
