import { basename } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { refuseToOverwrite } from '../atomic-file.ts';
import type { Precision } from '../engine/compile/compile.ts';
import { ConfigError, expected } from '../errors.ts';
import type { TileChoice } from '../infer/choose-plan.ts';
import type { Painter } from '../infer/finish/look-painter.ts';
import { type LookArguments, lookOptions, openLook } from './look-options.ts';
import { checkedPhotoOptions, type PhotoArguments, photoOptions } from './photo-options.ts';
import { progressBar } from './progress-bar.ts';

interface StylizeArguments extends PhotoArguments, LookArguments {
  readonly photo: string[];
  readonly style?: string | undefined;
  readonly blend?: string | undefined;
  readonly out: string;
  readonly overwrite: boolean;
  readonly precision: 'auto' | 'f32' | 'bf16';
  readonly engine: 'compiled' | 'eager';
  readonly refine?: number | undefined;
  readonly painting?: string | undefined;
  readonly lossNetwork?: string | undefined;
  readonly memory?: string | undefined;
  readonly tiles: TileChoice;
}

export const stylizeCommand: CommandModule<object, StylizeArguments> = {
  command: 'stylize <photo..>',
  describe: 'Paint photos in a trained style, each in one forward pass',
  builder: (yargs: Argv) =>
    yargs
      .positional('photo', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'JPEG, PNG, WebP, TIFF, AVIF or GIF files; - is standard input',
      })
      .option('style', {
        alias: 's',
        type: 'string',
        describe:
          'Name of a style (fast-style styles lists them) or a .safetensors file; of several in one file, file:style',
      })
      .option('blend', {
        type: 'string',
        describe: 'Mix styles of one architecture, as wave:0.7,scream:0.3; weights are divided by their sum',
      })
      .option('out', {
        alias: 'o',
        type: 'string',
        demandOption: true,
        describe: 'File to write (its extension is the format), a folder, or - for standard output',
      })
      .options(photoOptions)
      .options(lookOptions)
      .option('refine', {
        type: 'number',
        describe:
          'Polish each picture by so many steps of the optimisation on the training loss of the style',
      })
      .option('painting', { type: 'string', describe: 'The painting of the style, for --refine' })
      .option('loss-network', {
        type: 'string',
        describe: 'Name or file of the loss network, for --refine',
        defaultDescription: "the checkpoint's",
      })
      .option('precision', {
        choices: ['auto', 'f32', 'bf16'] as const,
        default: 'auto' as const,
        describe: 'Arithmetic; auto measures once what this machine is fast in',
      })
      .option('engine', {
        choices: ['compiled', 'eager'] as const,
        default: 'compiled' as const,
        describe: 'eager runs op by op, for debugging',
      })
      .option('memory', {
        type: 'string',
        describe:
          'Memory that painting may take in all, as 1GB or 800MiB; larger pictures are painted in bands',
        defaultDescription: 'most of what is free',
      })
      .option('tiles', {
        choices: ['auto', 'off', 'exact', 'fast'] as const,
        default: 'auto' as const,
        describe:
          'auto paints in bands where memory asks for it, exact always, off never, all to the same result; fast always, to nearly the same',
      })
      .option('overwrite', { type: 'boolean', default: false, describe: 'Replace files that are there' })
      .example('$0 stylize photo.jpg --style great-wave --out painted.jpg', 'One photo')
      .example(
        '$0 stylize photo.jpg --style trio --blend wave:0.7,scream:0.3 --out painted.jpg',
        'Two styles of one file, mixed',
      )
      .example('$0 stylize *.jpg --style great-wave --out painted/', 'Many, into a folder')
      .example(
        'cat a.jpg | $0 stylize - --style great-wave --out - > b.jpg',
        'Through standard input and output',
      )
      .example(
        '$0 stylize huge.tif --style great-wave --out painted.tif --memory 1GB',
        'A picture of any size',
      ),
  handler: async (args) => {
    const { photo, style, blend, out, overwrite, engine, refine: steps, memory, tiles } = args;
    const options = await checkedPhotoOptions(args);
    if (tiles === 'exact' || tiles === 'fast') {
      if (engine === 'eager')
        throw new ConfigError(expected(`--engine compiled with --tiles ${tiles}`, engine));
      if (steps !== undefined)
        throw new ConfigError(
          expected(`no --refine with --tiles ${tiles}, as it needs the whole picture`, steps),
        );
    }
    const look = await openLook(args);
    if (steps !== undefined && look !== undefined)
      throw new ConfigError(
        expected('no --stroke, --amount, --colors or --mask with --refine, which would undo them', steps),
      );
    if (steps !== undefined && blend !== undefined)
      throw new ConfigError(
        expected('no --refine with --blend, as a mixture has no painting of its own', steps),
      );
    const { openStyle, requireStyle } = await import('../infer/open-style.ts');
    requireStyle(style, blend);
    const { parseMemory } = await import('../infer/bands/memory-size.ts');
    const budget = memory === undefined ? undefined : parseMemory(memory);
    if (steps !== undefined && options.depth === 16)
      throw new ConfigError(expected('no --refine with --depth 16, as it works in 8 bit', steps));
    const { openEarly, targetsOf } = await import('./photo-targets.ts');
    const { requireAbilities, wantsDepth } = await import('./photo-output.ts');
    const { openPhoto } = await import('../data/photo/photo-file.ts');
    const { STANDARD } = await import('../data/photo/source.ts');
    // What can fail is tried before the first picture is painted: photos, names, formats, files in the way, the style.
    const opened = await openEarly(photo, options.maxPixels);
    const piped = opened.get(STANDARD)?.head.format;
    const { checkpoint, label } = await openStyle(style, blend);
    const targets = await targetsOf(photo, label, out, options.format, piped);
    for (const { path, format } of targets) {
      requireAbilities(format, options);
      if (!overwrite && path !== STANDARD) await refuseToOverwrite(path);
    }
    const { painting, lossNetwork } = args;
    const refine =
      steps === undefined
        ? undefined
        : await (await import('./stylize-refine.ts')).openRefine(checkpoint, {
            steps,
            painting,
            lossNetwork,
          });
    const { lookPainter } = await import('../infer/finish/look-painter.ts');
    const { paintPhoto } = await import('./paint-photo.ts');
    const { choosePrecision } = await import('../engine/precision.ts');
    const chosen = await choosePrecision(args.precision);
    const stylizers = new Map<Precision, Painter>();
    const stylizerFor = (precision: Precision) => {
      const stylizer = stylizers.get(precision) ?? lookPainter(checkpoint, look, { precision, engine });
      stylizers.set(precision, stylizer);
      return stylizer;
    };
    const bar = photo.length > 1 ? progressBar({ label: 'Painting', total: photo.length }) : undefined;
    try {
      for (const [i, path] of photo.entries()) {
        const started = performance.now();
        const target = targets[i]!;
        const source = opened.get(path) ?? (await openPhoto(path, options.maxPixels));
        opened.delete(path);
        // bf16 has 128 steps from 128 to 255: no 16 bit.
        const deep = args.precision === 'auto' && wantsDepth(source.head, target.format, options);
        const painted = await paintPhoto(stylizerFor(deep ? 'f32' : chosen), source, target, {
          ...options,
          overwrite,
          tiles: engine === 'eager' ? 'off' : tiles,
          ...(budget === undefined ? {} : { memory: budget }),
          ...(refine === undefined ? {} : { refine }),
        });
        const seconds = ((performance.now() - started) / 1000).toFixed(1);
        bar?.update(i + 1, basename(path));
        if (target.path === STANDARD) continue;
        process.stdout.write(`${target.path} (${painted.width}×${painted.height}, ${seconds} s)\n`);
      }
    } finally {
      bar?.stop();
      for (const stylizer of stylizers.values()) stylizer.dispose();
    }
  },
};
