import type { Argv, CommandModule } from 'yargs';

export interface FlickerArguments {
  readonly video: string;
  readonly style?: string | undefined;
  readonly painted?: string | undefined;
  readonly steady: string;
  readonly start: number;
  readonly frames: number;
  readonly scale: number;
  readonly precision: 'auto' | 'f32' | 'bf16';
  readonly json: boolean;
}

export const flickerCommand: CommandModule<object, FlickerArguments> = {
  command: 'flicker <video>',
  describe: 'Measure how much a style, or a painted video, flickers',
  builder: (yargs: Argv) =>
    yargs
      .positional('video', { type: 'string', demandOption: true, describe: 'The unpainted video' })
      .option('style', { alias: 's', type: 'string', describe: 'Paint it in this style' })
      .option('painted', { type: 'string', describe: 'Measure this painted version of the video' })
      .option('steady', {
        type: 'string',
        default: 'off,light,strong',
        describe: 'Values of --steady to compare, with --style',
      })
      .option('start', { type: 'number', default: 0, describe: 'Seconds to skip' })
      .option('frames', { type: 'number', default: 48, describe: 'Frames to measure' })
      .option('scale', {
        type: 'number',
        default: 512,
        describe: 'Long side in px; smaller videos keep theirs',
      })
      .option('precision', {
        choices: ['auto', 'f32', 'bf16'] as const,
        default: 'auto' as const,
        describe: 'Arithmetic of the network',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print the figures as JSON' })
      .example(
        '$0 flicker clip.mp4 --style great-wave',
        'Frame by frame, compared with --steady light and strong',
      )
      .example('$0 flicker clip.mp4 --painted painted.mp4', 'A video painted by any program'),
  handler: async (args) => {
    const { measureFlicker } = await import('./flicker-run.ts');
    await measureFlicker(args);
  },
};
