import { extname, join } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { SAMPLES } from '../../data/sample-photos.ts';
import type { StyleToExport } from '../../export/export-style.ts';
import { EXPORT_FORMATS, type ExportedFiles, type ExportFormat } from '../../export/formats.ts';
import type { ExportLayout } from '../../export/graph-writer.ts';
import type { StyleGraphOptions } from '../../export/style-graph.ts';
import type { PictureSize } from '../../picture.ts';
import { ConfigError, expected, FastStyleError } from '../../system/errors.ts';
import { say, tell } from '../shared/say.ts';

interface ExportArguments {
  readonly style?: string[] | undefined;
  readonly blend?: string | undefined;
  readonly to: ExportFormat;
  readonly out: string;
  readonly layout: ExportLayout;
  readonly size?: string | undefined;
  readonly weights: 'float32' | 'float16';
  readonly 'amount-input': boolean;
  readonly check: boolean;
  readonly overwrite: boolean;
}

/** What an exported file paints differs from what we paint. */
class UnequalExportError extends FastStyleError {}

/** Grey levels by which a sample may differ after rounding: two sums in another order may lie on both sides of a half. */
const LARGEST_DIFFERENCE = 1;
/** Short side of the pictures that --check paints, px, unless --size says more. */
const CHECKED_SIDE = 256;
/** The amount with which an input for it is checked. */
const CHECKED_AMOUNT = 0.5;

/** `export <style…> --to <format>`: styles for other programs. */
export const exportCommand: CommandModule<object, ExportArguments> = {
  command: 'export [style..]',
  describe: 'Write styles in formats of other programs, phones and browsers',
  builder: (yargs: Argv) =>
    yargs
      .positional('style', {
        type: 'string',
        array: true,
        describe:
          'Names of styles or .safetensors files; of several styles in one file, all of them or file:style',
      })
      .option('blend', { type: 'string', describe: 'Export a mixture, as wave:0.7,scream:0.3' })
      .option('to', {
        choices: Object.keys(EXPORT_FORMATS) as ExportFormat[],
        default: 'onnx' as const,
        describe: 'ONNX, a graph model of TensorFlow.js, or a SavedModel of TensorFlow',
      })
      .option('out', {
        alias: 'o',
        type: 'string',
        demandOption: true,
        describe:
          'File (.onnx) or folder (.tfjs, .savedmodel) to write, or a folder for <style>.onnx and so on',
      })
      .option('layout', {
        choices: ['nhwc', 'nchw'] as const,
        default: 'nhwc' as const,
        describe: 'Order of dimensions: height, width, channels, or channels first',
      })
      .option('size', {
        type: 'string',
        describe: 'The only size that the file takes, as 1280x720; any without',
      })
      .option('weights', {
        choices: ['float32', 'float16'] as const,
        default: 'float32' as const,
        describe: 'Type of the stored weights; float16 halves the file and loses nothing',
      })
      .option('amount-input', {
        type: 'boolean',
        default: false,
        describe: 'Add an input, amount, from 0 (the photo) to 1 (the style)',
      })
      .option('check', {
        type: 'boolean',
        default: false,
        describe:
          "Compare with the format's own runtime on the sample pictures (ONNX needs onnxruntime-web or -node)",
      })
      .option('overwrite', { type: 'boolean', default: false, describe: 'Replace files that are there' })
      .example('$0 export great-wave --out great-wave.onnx', 'One style, for pictures of any size')
      .example(
        '$0 export scream --out phone.onnx --layout nchw --size 720x1280 --weights float16',
        'For a phone',
      )
      .example('$0 export scream --to tfjs --out scream.tfjs', 'For TensorFlow.js')
      .example(
        '$0 export scream lilies --out styles/ --check',
        'Several, each painted in ONNX Runtime as well',
      ),
  handler: async (args) => {
    const references = args.style ?? [];
    if ((references.length === 0) === (args.blend === undefined))
      throw new ConfigError(
        expected(
          'either styles or --blend',
          args.blend === undefined ? 'neither' : 'both',
          'as: export great-wave --out great-wave.onnx',
        ),
      );
    const { to, layout, weights, out, overwrite, blend } = args;
    const size = args.size === undefined ? undefined : parseSize(args.size);
    const options = {
      layout,
      weights,
      hasAmount: args['amount-input'],
      ...(size === undefined ? {} : { size }),
    };
    const { ending } = EXPORT_FORMATS[to];
    const isNamed = extname(out).toLowerCase() === ending;
    if (isNamed && references.length > 1)
      throw new ConfigError(expected('a folder as --out for several styles', out));
    if (!isNamed && /\.[a-z0-9]{1,10}$/i.test(out))
      throw new ConfigError(expected(`a name that ends in ${ending}, or a folder, as --out`, out));
    const { exportAs, openBlendForExport, openForExport } = await import('../../export/export-style.ts');
    const { refuseToOverwrite } = await import('../../system/atomic-file.ts');
    const styles =
      blend === undefined
        ? await Promise.all(references.map(openForExport))
        : [await openBlendForExport(blend)];
    const exported = await Promise.all(
      styles.map(async (style) => ({
        style,
        path: isNamed ? out : join(out, `${style.label}${ending}`),
        files: await exportAs(to, style, options),
      })),
    );
    const twice = exported.find(({ path }, i) => exported.findIndex((one) => one.path === path) < i);
    if (twice !== undefined)
      throw new ConfigError(
        expected('styles of different names', `${twice.style.label} twice`, 'export them apart'),
      );
    if (!overwrite) for (const { path } of exported) await refuseToOverwrite(path);
    for (const { style, path, files } of exported) {
      if (args.check) await check(to, style, files, options);
      const size = await write(path, files, overwrite);
      tell(`${path} (${(size / 1e6).toFixed(1)} MB)`);
    }
  },
};

/** @returns bytes written. */
async function write(path: string, files: ExportedFiles, overwrite: boolean): Promise<number> {
  if (files instanceof Uint8Array) {
    const { writeFileAtomically } = await import('../../system/atomic-file.ts');
    await writeFileAtomically(path, files, { overwrite });
    return files.length;
  }
  const { writeFolderAtomically } = await import('../../system/atomic-folder.ts');
  await writeFolderAtomically(path, files, { overwrite });
  return [...files.values()].reduce((sum, { length }) => sum + length, 0);
}

function parseSize(text: string): PictureSize {
  const [, width, height] = /^(\d{1,6})[x×](\d{1,6})$/.exec(text) ?? [];
  if (width === undefined) throw new ConfigError(expected('a size for --size', text, 'as 1280x720'));
  return { width: Number(width), height: Number(height) };
}

/** @throws {UnequalExportError} what the file paints differs. */
async function check(
  format: ExportFormat,
  style: StyleToExport,
  files: ExportedFiles,
  options: StyleGraphOptions,
): Promise<void> {
  const { checkExport } = await import('../../export/check-export.ts');
  const differences = await checkExport(
    format,
    files,
    style.checkpoint,
    options,
    await checkedPictures(options.size),
    CHECKED_AMOUNT,
  );
  for (const { style: one, picture, largest, mean } of differences) {
    const which = one === undefined ? style.label : `${style.label}:${one}`;
    say(
      `${which}, ${picture}: differs by at most ${largest} of 255 grey levels, ${mean.toPrecision(2)} in the mean`,
    );
  }
  const worst = Math.max(...differences.map(({ largest }) => largest));
  if (worst > LARGEST_DIFFERENCE)
    throw new UnequalExportError(
      expected(
        `pictures of ${EXPORT_FORMATS[format].runtime} within ${LARGEST_DIFFERENCE} of 255 grey levels of ours`,
        `up to ${worst} for ${style.label}`,
        'nothing is written; please report this',
      ),
    );
}

/** The project's samples, and an odd part of one; of a fixed size, all have that. */
async function checkedPictures(size: PictureSize | undefined) {
  const { readdir } = await import('node:fs/promises');
  const { readPicture, resizePicture } = await import('../../data/image-file.ts');
  const names = (await readdir(SAMPLES)).filter((name) => /\.jpg$/.test(name)).sort();
  const photos = await Promise.all(
    names.map(async (name) => ({
      name,
      ...(await readPicture(join(SAMPLES, name), { shortSide: CHECKED_SIDE })),
    })),
  );
  const odd = { name: '17×33 px', ...(await resizePicture(photos[0]!, 17, 33)) };
  if (size === undefined) return [...photos, odd];
  return Promise.all(
    photos.map(async ({ name, ...photo }) => ({
      name,
      ...(await resizePicture(photo, size.width, size.height)),
    })),
  );
}
