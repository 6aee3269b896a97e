import { ownCommand, shellWord } from '../../system/own-command.ts';
import { calibration } from '../../train/calibrate/calibration.ts';
import type { CalibrateCall } from '../../train/calibrate/call.ts';
import { type ProgressBar, progressBar } from '../shared/progress-bar.ts';
import { say } from '../shared/say.ts';
import { trainConfigFlags } from './call.ts';
import { makingBar } from './making-bar.ts';

/** Calibrates from the command line: shows progress, and prints the command of each cell. @param typed all options, by their names. */
export async function calibrateOnScreen(
  call: CalibrateCall,
  typed: Readonly<Record<string, unknown>>,
): Promise<void> {
  const making = makingBar();
  let bar: ProgressBar | undefined;
  try {
    const { cells, files } = await calibration(call, {
      say,
      onMaking: making.onMaking,
      trainedBy: (strength, styleSize) => trainCommandLine(typed, strength, styleSize),
      onBegin(total) {
        making.stop();
        bar = progressBar({ label: 'Calibrating', total, show: (value) => value.toFixed(1) });
      },
      onStep: (done) => bar?.update(done),
    });
    bar?.stop();
    for (const { train } of cells) process.stdout.write(`${train}\n`);
    say(`${files!.sheet} and ${files!.figures} written`);
  } finally {
    making.stop();
    bar?.stop();
  }
}

/** The command that trains a cell: with what was given here, and the cell's strength and size. */
function trainCommandLine(
  typed: Readonly<Record<string, unknown>>,
  strength: number,
  styleSize: number,
): string {
  const { style, data, from } = typed;
  const words = ['--style', String(style), ...(data === undefined ? [] : ['--data', String(data)])];
  for (const flag of Object.keys(trainConfigFlags)) {
    const value = typed[flag];
    if (value !== undefined) words.push(`--${flag}`, String(value));
  }
  if (from !== undefined) words.push('--from', String(from));
  words.push('--strength', String(strength), '--style-size', String(styleSize));
  return ownCommand(`train ${words.map(shellWord).join(' ')}`);
}
