import { extname, join } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { type Difference, EXPORT_SETTINGS, graphOptionsOf } from '../../export/export-call.ts';
import type { ExportedFiles } from '../../export/format-writer.ts';
import { EXPORT_FORMATS } from '../../export/formats.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { typedValues } from '../../system/settings.ts';
import { HEADS } from '../shared/heads.ts';
import { say, tell } from '../shared/say.ts';
import { callOptions } from '../shared/setting-options.ts';

/** What is typed besides settings. */
interface ExportArguments {
  readonly style?: string[] | undefined;
  readonly blend?: string | undefined;
  readonly out: string;
  readonly overwrite: boolean;
}

const { to: format, ...settings } = callOptions(EXPORT_SETTINGS);

/** `export <style…> --to <format>`: styles for other programs. */
export const exportCommand: CommandModule<object, ExportArguments> = {
  ...HEADS.export,
  builder: (yargs: Argv) => {
    const begun = yargs
      .positional('style', {
        type: 'string',
        array: true,
        describe:
          'Names of styles or .safetensors files; of several styles in one file, all of them or file:style',
      })
      .option('blend', { type: 'string', describe: 'Export a mixture, as wave:0.7,scream:0.3' });
    begun.options({ to: format! });
    const more = begun.option('out', {
      alias: 'o',
      type: 'string',
      demandOption: true,
      describe:
        'File (.onnx) or folder (.tfjs, .savedmodel) to write, or a folder for <style>.onnx and so on',
    });
    more.options(settings);
    return more
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
      );
  },
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
    const { out, overwrite, blend } = args;
    const call = typedValues(EXPORT_SETTINGS, args);
    const { to, check } = call;
    const options = graphOptionsOf(call);
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
      if (check) {
        const { requireEqualExport } = await import('../../export/check-export.ts');
        await requireEqualExport(to, files, style, options, (difference) => report(style.label, difference));
      }
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

function report(label: string, { style, picture, largest, mean }: Difference): void {
  const which = style === undefined ? label : `${label}:${style}`;
  say(
    `${which}, ${picture}: differs by at most ${largest} of 255 grey levels, ${mean.toPrecision(2)} in the mean`,
  );
}
