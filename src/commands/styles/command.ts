import type { Argv, CommandModule } from 'yargs';
import type { ListedStyle } from '../../infer/list-styles.ts';
import { ownCommand } from '../../system/own-command.ts';
import { printableLine } from '../../system/printable.ts';
import { HEADS } from '../shared/heads.ts';
import { say } from '../shared/say.ts';
import { stylesCheckCommand } from './check.ts';
import { stylesImportCommand } from './import.ts';
import { stylesSheetCommand } from './sheet.ts';

/**
 * `styles` lists; `styles sheet <file>` shows; `styles inspect <name>` prints what a checkpoint says of itself; `styles check <name>` looks for
 * faults; `styles import <file>` makes one of another program's network.
 */
export const stylesCommand: CommandModule = {
  ...HEADS.styles,
  builder: (yargs: Argv) =>
    yargs
      .command({
        command: 'inspect <style>',
        describe: "Print a checkpoint's metadata as JSON",
        builder: (inner: Argv) =>
          inner.positional('style', {
            type: 'string',
            demandOption: true,
            describe: 'Name of a style or a .safetensors file',
          }),
        handler: async ({ style: reference }) => {
          const { inspectStyle } = await import('../../infer/inspect-style.ts');
          const { thumbnail, styles, weights, ...description } = await inspectStyle(String(reference));
          const shown = {
            ...description,
            ...(styles && {
              styles: styles.map((entry) => ({ ...entry, thumbnail: sizeOf(entry.thumbnail) })),
            }),
            weights,
            ...(styles === undefined && { thumbnail: sizeOf(thumbnail) }),
          };
          process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
        },
      })
      .command(stylesSheetCommand)
      .command(stylesCheckCommand)
      .command(stylesImportCommand)
      .example('$0 styles', 'Name, painting, painter, licence and file of each style')
      .example('$0 styles sheet styles.jpg --photo photo.jpg', 'All of them on one photo')
      .example('$0 styles inspect great-wave', 'Where a style comes from and how it was trained'),
  handler: async () => {
    const { listStyles } = await import('../../infer/list-styles.ts');
    const styles = await listStyles({ onNote: say });
    if (styles.length === 0) say(`No styles yet; train one with: ${ownCommand('train')}`);
    process.stdout.write(styleTable(styles, process.stdout.isTTY === true));
    if (styles.length > 0 && process.stderr.isTTY === true)
      process.stderr.write(`\nTo see them all: ${ownCommand('styles sheet styles.jpg')}\n`);
  },
};

function sizeOf(thumbnail: string | undefined): string {
  return thumbnail === undefined ? 'none' : `JPEG, ${Buffer.from(thumbnail, 'base64').length} bytes`;
}

/** Name, painting, painter, licence and file of each: in columns for a reader, between tabs for a program. */
export function styleTable(styles: readonly ListedStyle[], isTerminal: boolean): string {
  const rows = styles.map(({ name, style, path }) => {
    const { title, file = '', author = '', licence = '' } = style;
    return [name, title ?? file, author, licence, path].map(printableLine);
  });
  const widths = [0, 1, 2, 3, 4].map((i) => Math.max(0, ...rows.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    isTerminal
      ? row
          .map((text, i) => text.padEnd(widths[i]!))
          .join('  ')
          .trimEnd()
      : row.join('\t');
  return rows.map((row) => `${line(row)}\n`).join('');
}
