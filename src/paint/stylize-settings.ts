/** What `stylize` is asked for, as rows of settings; `video`, the library's `Stylizer` and a farm share some. Loads nothing heavy. */
import { PHOTO_FORMATS, readNames } from '../data/picture-format.ts';
import { parseMemory } from '../infer/bands/memory-plan.ts';
import { STROKES } from '../infer/finish/look.ts';
import { ConfigError, expected } from '../system/errors.ts';
import {
  choiceSetting,
  numberSetting,
  ownSetting,
  switchSetting,
  textSetting,
  textsSetting,
  wholeSetting,
} from '../system/setting-kinds.ts';

/** How photos are read and written. */
export const PHOTO_SETTINGS = {
  /** Format to write where the name of the file does not say it. */
  format: choiceSetting(PHOTO_FORMATS, {
    default: undefined,
    describe: 'Format to write, for a folder or standard output',
  }),
  /** 1 to 100 for JPEG (default 92), WebP (90) and AVIF (75). */
  quality: wholeSetting([1, 100], {
    default: undefined,
    describe: 'Quality of JPEG, WebP and AVIF, 1 to 100',
    defaultDescription: "each format's own",
  }),
  /** WebP and AVIF without loss. */
  lossless: switchSetting({ default: false, describe: 'Write WebP and AVIF without loss' }),
  /** Bits per colour in PNG and TIFF. Defaults to the photo's. */
  depth: choiceSetting([8, 16], {
    default: undefined,
    describe: 'Bits per colour in PNG and TIFF',
    defaultDescription: "the photo's",
  }),
  /** Colour that transparency is laid on in JPEG, as CSS knows it. Defaults to white. */
  background: textSetting({
    default: undefined,
    describe: 'Background of transparent areas in JPEG, such as #ffffff',
    defaultDescription: 'white',
  }),
  /** Colour space to write: sRGB, or the photo's own. Defaults to `srgb`. */
  profile: choiceSetting(['srgb', 'keep'], {
    default: 'srgb',
    describe: "Colour space to write: sRGB, or the photo's own profile",
  }),
  /** Leave out EXIF (with the GPS position), IPTC and XMP. */
  strip: switchSetting({
    default: false,
    describe: 'Leave out EXIF (with the GPS position), IPTC and XMP',
  }),
  /** A photo of more pixels, all frames together, is refused before it is decoded. Defaults to 500 million. */
  maxPixels: ownSetting(checkedPixels, {
    default: undefined,
    describe: 'Largest picture to read, such as 800M',
    defaultDescription: '500M',
    read: parsePixels,
  }),
  /** A photo that is damaged or cut short is refused, or painted as far as it can be read. Defaults to `refuse`. */
  damaged: choiceSetting(['refuse', 'accept'], {
    default: 'refuse',
    describe: 'Refuse damaged or truncated photos, or paint what can be read',
  }),
} as const;

/** How a style is to look on a photo. */
export const LOOK_SETTINGS = {
  /** Size of strokes relative to the picture, the same at every size; unless given, strokes keep their size in pixels. */
  stroke: numberSetting(STROKES, {
    default: undefined,
    describe: 'Size of strokes relative to the picture: 1 as on a picture of 512 px',
    defaultDescription: 'strokes keep their size in pixels',
  }),
  /** How much of the style: 0 is the photo, 1 the style. Defaults to 1. */
  amount: numberSetting([0, 1], {
    default: 1,
    describe: 'How much of the style: 0 is the photo, 1 the style',
  }),
  /** Whose colours: the style's, the photo's, or the photo's palette. Defaults to `style`. */
  colors: choiceSetting(['style', 'photo', 'histogram'], {
    default: 'style',
    describe: "Whose colours: the style's, the photo's, or the photo's palette",
  }),
  mask: textSetting({
    default: undefined,
    describe: 'Where to paint: white is painted, black stays the photo',
  }),
  /** Paint what is black in `mask`. */
  invertMask: switchSetting({ default: false, describe: 'Paint what is black in --mask' }),
} as const;

/** Arithmetic of what paints. Defaults to `auto`, which measures once what this machine is fast in. */
export const PRECISION_ROW = choiceSetting(['auto', 'f32', 'bf16'], {
  default: 'auto',
  describe: 'Arithmetic; auto measures once which is faster',
});

/** The options of `fast-style stylize`. */
export const STYLIZE_SETTINGS = {
  /** Files, folders (with the folders in them) and patterns such as `in/**\/*.jpg`. */
  photo: textsSetting({
    default: undefined,
    describe: `${readNames()} files, folders, patterns such as 'in/**/*.jpg'; - is standard input`,
  }),
  /** Name of a style or a file, or several: each photo is painted in each. */
  style: textsSetting({
    default: undefined,
    isRepeated: true,
    alias: 's',
    describe:
      'Name of a style or a .safetensors file; file:style for one of several. Repeat for several styles',
  }),
  /** Styles to mix, as `wave:0.7,scream:0.3`. */
  blend: textSetting({
    default: undefined,
    describe: 'Mix styles of one architecture, such as wave:0.7,scream:0.3',
  }),
  /** A folder; of a single painting also the file to write. */
  out: textSetting({
    default: undefined,
    required: 'a file or folder',
    alias: 'o',
    describe: 'File to write, in the format of its extension; a folder; or - for standard output',
  }),
  ...PHOTO_SETTINGS,
  ...LOOK_SETTINGS,
  /** Steps of the optimisation by which each picture is polished. */
  refine: wholeSetting([1, Number.POSITIVE_INFINITY], {
    default: undefined,
    describe: 'Polish each picture by this many iterations of the optimisation',
  }),
  painting: textSetting({ default: undefined, describe: 'The painting of the style, for --refine' }),
  lossNetwork: textSetting({
    default: undefined,
    describe: 'Name or file of the loss network, for --refine',
    defaultDescription: "the style's own if stored, else vgg19, vgg16 or compact",
  }),
  precision: PRECISION_ROW,
  engine: choiceSetting(['compiled', 'eager'], {
    default: 'compiled',
    describe: 'eager runs op by op, for debugging',
  }),
  /** Bytes that the process may take in all; larger pictures are painted in bands. Defaults to most of the free memory. */
  memory: ownSetting(checkedMemory, {
    default: undefined,
    describe: 'Memory to use, such as 1GB or 800MiB; larger pictures are painted in bands',
    defaultDescription: 'most of the free memory',
    read: parseMemory,
  }),
  /** Paint in bands: if memory is short, never, always, or always with nearly the same result. Defaults to `auto`. */
  tiles: choiceSetting(['auto', 'off', 'exact', 'fast'], {
    default: 'auto',
    describe: 'Paint in bands: if memory is short, never, always, or always with nearly the same result',
  }),
  overwrite: switchSetting({ default: false, describe: 'Replace existing files' }),
  skipExisting: switchSetting({
    default: false,
    describe: 'Keep existing files and paint what is missing',
  }),
  watch: textSetting({
    default: undefined,
    describe: 'Paint the photos in this folder, and new ones as they arrive, until Ctrl-C',
  }),
  /** File of a contact sheet: a row for each photo, a column for each style. */
  sheet: textSetting({
    default: undefined,
    describe: 'Also write a contact sheet: a row for each photo, a column for each style',
  }),
} as const;

/** @param received what the message shows: as it was typed. */
function checkedPixels(value: unknown, name: string, received = value): number | undefined {
  if (value === undefined || (typeof value === 'number' && value >= 1)) return value;
  throw new ConfigError(expected(`a number of pixels for ${name}`, received, 'as 800M or 800000000'));
}

function parsePixels(text: string, option: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([kmg]?)$/i.exec(text.trim()) ?? [];
  const factor = { '': 1, k: 1e3, m: 1e6, g: 1e9 }[(unit ?? '').toLowerCase() as '' | 'k' | 'm' | 'g'];
  return checkedPixels(Number(number) * factor, option, text);
}

function checkedMemory(value: unknown, name: string): number | undefined {
  if (value === undefined || (typeof value === 'number' && value > 0)) return value;
  throw new ConfigError(expected(`a number of bytes for ${name}`, value));
}
