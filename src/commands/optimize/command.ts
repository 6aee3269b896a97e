import type { Argv, CommandModule } from 'yargs';
import { HEADS } from '../shared/heads.ts';
import { type OptimizeSettings, optimizeFlags } from './options.ts';

/** `fast-style optimize`: Gatys' optimisation. The options' own types meet here; the parser's are erased. */
export const optimizeCommand: CommandModule<object, OptimizeSettings> = {
  ...HEADS.optimize,
  builder: (yargs: Argv) =>
    yargs
      .options(optimizeFlags)
      .example('$0 optimize --content photo.jpg --style wave.jpg --out print.png', 'Our own recipe')
      .example(
        '$0 optimize --recipe coursera --content photo.jpg --style wave.jpg --out print.jpg --film run.mp4',
        'A published one, filmed',
      )
      .example('$0 optimize --warm-up style:5 --style wave.jpg --out texture.png', 'Style alone, from noise')
      .epilogue(
        'Ctrl-C writes the best picture so far and exits with code 130. See docs/optimization.md.',
      ) as Argv<OptimizeSettings>,
  handler: async (given) => {
    const { optimizePicture } = await import('./run.ts');
    await optimizePicture(given);
  },
};
