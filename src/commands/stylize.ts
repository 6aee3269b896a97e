import { stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { refuseToOverwrite } from '../atomic-file.ts';
import { ConfigError, expected } from '../errors.ts';
import type { TileChoice } from '../infer/choose-plan.ts';
import { progressBar } from './progress-bar.ts';

interface StylizeArguments {
  readonly photo: string[];
  readonly style: string;
  readonly blend?: string | undefined;
  readonly out: string;
  readonly overwrite: boolean;
  readonly precision: 'auto' | 'f32' | 'bf16';
  readonly engine: 'compiled' | 'eager';
  readonly quality?: number | undefined;
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
        describe: 'JPEG, PNG, WebP, TIFF or AVIF files',
      })
      .option('style', {
        alias: 's',
        type: 'string',
        demandOption: true,
        describe:
          'Name of a style (fast-style styles lists them) or a .safetensors file; of several in one file, file:style',
      })
      .option('blend', {
        type: 'string',
        describe: 'Mix styles of one file, as wave:0.7,scream:0.3; weights are divided by their sum',
      })
      .option('out', {
        alias: 'o',
        type: 'string',
        demandOption: true,
        describe: 'File to write (its extension is the format), or a folder',
      })
      .option('quality', {
        type: 'number',
        describe: 'Quality of JPEG, WebP and AVIF, 1 to 100',
        defaultDescription: "each format's own",
      })
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
        choices: ['auto', 'off', 'exact'] as const,
        default: 'auto' as const,
        describe:
          'auto paints in bands where memory asks for it, exact always, off never; the result is the same',
      })
      .option('overwrite', { type: 'boolean', default: false, describe: 'Replace files that are there' })
      .example('$0 stylize photo.jpg --style great-wave --out painted.jpg', 'One photo')
      .example(
        '$0 stylize photo.jpg --style trio --blend wave:0.7,scream:0.3 --out painted.jpg',
        'Two styles of one file, mixed',
      )
      .example('$0 stylize *.jpg --style great-wave --out painted/', 'Many, into a folder')
      .example(
        '$0 stylize huge.tif --style great-wave --out painted.tif --memory 1GB',
        'A picture of any size',
      ),
  handler: async (args) => {
    const { photo, style, out, overwrite, quality, engine, refine: steps, memory, tiles } = args;
    if (quality !== undefined && !(Number.isInteger(quality) && quality >= 1 && quality <= 100)) {
      throw new ConfigError(expected('a whole number from 1 to 100 for --quality', quality));
    }
    if (engine === 'eager' && tiles === 'exact')
      throw new ConfigError(expected('--engine compiled with --tiles exact', engine));
    if (steps !== undefined && tiles === 'exact')
      throw new ConfigError(expected('no --refine with --tiles exact, as it needs the whole picture', steps));
    if (steps !== undefined && args.blend !== undefined)
      throw new ConfigError(
        expected('no --refine with --blend, as a mixture has no painting of its own', steps),
      );
    const { parseBlend } = await import('../infer/blend.ts');
    const blend = args.blend === undefined ? undefined : parseBlend(args.blend);
    const { parseMemory } = await import('../infer/bands/memory-size.ts');
    const budget = memory === undefined ? undefined : parseMemory(memory);
    const { PICTURE_EXTENSIONS, pictureFileSize, pictureFormat } = await import('../data/image-file.ts');
    // What can fail is tried before the first picture is painted: names, formats, files in the way, the style.
    const { openStyle } = await import('../infer/open-style.ts');
    const { checkpoint, label } = await openStyle(style, blend);
    const targets = await targetsOf(photo, label, out, PICTURE_EXTENSIONS);
    for (const target of targets) {
      pictureFormat(target);
      if (!overwrite) await refuseToOverwrite(target);
    }
    await pictureFileSize(photo[0]!);
    const { painting, lossNetwork } = args;
    const refine =
      steps === undefined
        ? undefined
        : await (await import('./stylize-refine.ts')).openRefine(checkpoint, {
            steps,
            painting,
            lossNetwork,
          });
    const { Stylizer } = await import('../infer/stylizer.ts');
    const { paintPhoto } = await import('./paint-photo.ts');
    const { choosePrecision } = await import('../engine/precision.ts');
    const stylizer = new Stylizer(checkpoint, { precision: await choosePrecision(args.precision), engine });
    const bar = photo.length > 1 ? progressBar({ label: 'Painting', total: photo.length }) : undefined;
    try {
      for (const [i, path] of photo.entries()) {
        const started = performance.now();
        const target = targets[i]!;
        const painted = await paintPhoto(stylizer, path, target, {
          overwrite,
          tiles: engine === 'eager' ? 'off' : tiles,
          ...(quality === undefined ? {} : { quality }),
          ...(budget === undefined ? {} : { memory: budget }),
          ...(refine === undefined ? {} : { refine }),
        });
        const seconds = ((performance.now() - started) / 1000).toFixed(1);
        bar?.update(i + 1, basename(path));
        process.stdout.write(`${target} (${painted.width}×${painted.height}, ${seconds} s)\n`);
      }
    } finally {
      bar?.stop();
      stylizer.dispose();
    }
  },
};

/** The file to write for each photo: the one named, or `<photo>-<style>.<extension>` in the folder named. @param writable extensions. */
async function targetsOf(
  photos: readonly string[],
  styleName: string,
  out: string,
  writable: readonly string[],
): Promise<readonly string[]> {
  const isFolder =
    /[\\/]$/.test(out) ||
    extname(out) === '' ||
    (await stat(out).catch(() => undefined))?.isDirectory() === true;
  if (!isFolder) {
    if (photos.length === 1) return [out];
    throw new ConfigError(
      expected(`a folder for --out, as there are ${photos.length} photos`, out, 'end it with a slash'),
    );
  }
  const targets = photos.map((photo) => {
    const extension = extname(photo);
    // What can be read but not written (GIF) becomes PNG.
    const kept = writable.includes(extension.slice(1).toLowerCase()) ? extension : '.png';
    return join(out, `${basename(photo, extension)}-${styleName}${kept}`);
  });
  const twice = targets.find((target, i) => targets.indexOf(target) !== i);
  if (twice !== undefined)
    throw new ConfigError(
      expected('photos of different names for one folder', `two that would be written to ${twice}`),
    );
  return targets;
}
