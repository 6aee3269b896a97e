import type { Argv, CommandModule } from 'yargs';
import { lookOptions } from '../shared/look-options.ts';
import { type VideoArguments, videoOptions } from './options.ts';

export const videoCommand: CommandModule<object, VideoArguments> = {
  command: 'video <video>',
  describe: 'Paint a video frame by frame, keeping sound and timing; continues after an interruption',
  builder: (yargs: Argv) =>
    yargs
      .positional('video', {
        type: 'string',
        demandOption: true,
        describe:
          "A video, a GIF, an animated WebP, pictures such as in/%04d.png or 'in/*.png', an address; - is standard input",
      })
      .option('style', {
        alias: 's',
        type: 'string',
        describe:
          'Name of a style or a .safetensors file; file:style for one of several. Repeat with --preview alone',
      })
      .option('blend', {
        type: 'string',
        describe:
          'Mix styles of one architecture, such as wave:0.7,scream:0.3; over time, wave@0s,scream@10s',
      })
      .option('out', {
        alias: 'o',
        type: 'string',
        describe:
          'File to write (.mp4, .mov, .mkv, .webm, .gif), pictures such as out/%05d.png, or - for standard output',
      })
      .options(videoOptions)
      .options(lookOptions)
      .example('$0 video clip.mp4 --style great-wave --out painted.mp4', 'A video, with its sound')
      .example(
        '$0 video clip.mp4 --style great-wave --style scream --preview sheet.jpg',
        'Some frames in two styles first',
      )
      .example(
        '$0 video clip.mov -s great-wave -o painted.webm --scale 1280x --start 1:30 --duration 20',
        'A part, smaller',
      )
      .example(
        '$0 video clip.mp4 --blend great-wave@0s,scream@10s --out painted.mp4',
        'One style becomes another',
      )
      .example("$0 video 'in/%04d.png' --fps 24 -s great-wave -o out/%04d.png", 'An image sequence'),
  handler: async (args) => {
    const { runVideo } = await import('./run.ts');
    await runVideo(args);
  },
};
