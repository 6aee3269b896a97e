/** Every call of fast-style that a Markdown text shows, cut into words as a shell would. */

export interface DocumentedLine {
  /** As it is written there. */
  readonly text: string;
  /** Arguments after `fast-style`. */
  readonly args: readonly string[];
  /** In a sentence: `fast-style train` may mean the command itself there. */
  readonly inSentence: boolean;
}

/** How the program is called: installed, by npx, from a clone, from its sources. */
const PROGRAMS = [
  'fast-style',
  'npx --no-install fast-style',
  'node dist/cli.js',
  'node --import tsx src/cli.ts',
].map((call) => call.split(' '));

/** Words that call the program; in a container those up to the image. Undefined where another program is called. */
function callLength(words: readonly string[]): number | undefined {
  if (words[0] === 'docker' && words[1] === 'run')
    return words.findIndex((word) => /^fast-style(:\w+)?$/.test(word)) + 1 || undefined;
  return PROGRAMS.find((call) => call.every((word, i) => words[i] === word))?.length;
}

/** Calls in blocks of shell code (`sh`, or no language said) and in code spans, blocks first. */
export function documentedLines(markdown: string): DocumentedLine[] {
  const blocks: string[] = [];
  const sentences = markdown.replace(/^```(\w*)\n([\s\S]*?)^```/gm, (_, language: string, code: string) => {
    if (language === '' || language === 'sh') blocks.push(code.replace(/\\\n\s*/g, ' '));
    return '';
  });
  const spans = [...sentences.matchAll(/`([^`]+)`/g)].map(([, span]) => span!.replaceAll('\n', ' '));
  return [
    ...blocks.flatMap((block) => block.split('\n')).flatMap((line) => callsIn(line, false)),
    ...spans.flatMap((span) => callsIn(span, true)),
  ];
}

/** A line may be several commands: `cat a.jpg | fast-style … > b.jpg && …`. */
function callsIn(line: string, inSentence: boolean): DocumentedLine[] {
  // Blocks hold other things, too, which no shell would read.
  if (!/fast-style(?!\S)|cli\.[jt]s /.test(line)) return [];
  return shellCommands(line).flatMap((all) => {
    const words = all.slice(all.findIndex((word) => !/^\w+=/.test(word)));
    const length = callLength(words);
    return length === undefined ? [] : [{ text: words.join(' '), args: words.slice(length), inSentence }];
  });
}

/** Words of a shell line, command by command: quotes are taken off, comments and redirections left out. */
export function shellCommands(line: string): string[][] {
  const commands: string[][] = [[]];
  const tokens = line.matchAll(/\s*(?:(#.*)|(&&|\|\||[|;&])|((?:\\.|'[^']*'|"[^"]*"|[^\s'"\\|;&])+)|(\S))/g);
  for (const [, comment, separator, word, odd] of tokens) {
    if (odd !== undefined) throw new SyntaxError(`A shell would not read ${odd} in: ${line}`);
    if (comment !== undefined) break;
    if (separator !== undefined) commands.push([]);
    else commands.at(-1)!.push(word!.replace(/\\(.)|'([^']*)'|"([^"]*)"/g, '$1$2$3'));
  }
  return commands.map(withoutRedirections).filter((words) => words.length > 0);
}

function withoutRedirections(words: readonly string[]): string[] {
  const isRedirection = (word: string | undefined) => word === '>' || word === '<' || word === '2>';
  return words.filter((word, i) => !isRedirection(word) && !isRedirection(words[i - 1]));
}
