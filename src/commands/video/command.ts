import type { Argv, CommandModule } from 'yargs';
import { typedValues } from '../../system/settings.ts';
import { VIDEO_SETTINGS } from '../../video/run/call.ts';
import { HEADS } from '../shared/heads.ts';
import { callOptions } from '../shared/setting-options.ts';
import type { VideoArguments } from './run.ts';

const { video, ...settings } = callOptions(VIDEO_SETTINGS);

export const videoCommand: CommandModule<object, VideoArguments> = {
  ...HEADS.video,
  builder: (yargs: Argv) => {
    // Added separately, as they are typed by their table and not by the parser.
    yargs.positional('video', video!).options(settings);
    return yargs
      .option('json', {
        type: 'boolean',
        default: false,
        describe: 'Report progress as a JSON object per line on standard output',
      })
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
      .example("$0 video 'in/%04d.png' --fps 24 -s great-wave -o out/%04d.png", 'An image sequence');
  },
  handler: async (args) => {
    const { runVideo } = await import('./run.ts');
    await runVideo(typedValues(VIDEO_SETTINGS, args), args);
  },
};
