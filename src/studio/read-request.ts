/** Checks what a page asks for: anything may come over HTTP. */
import { ConfigError } from '../index.ts';
import type {
  FilmJobRequest,
  ItemKind,
  JobRequest,
  PhotoJobRequest,
  StudioFile,
  StudioLook,
  StylePart,
  StylesJobRequest,
  TrainJobRequest,
} from './protocol.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Strokes that make sense on any photo. */
const STROKES = [0.1, 10] as const;
const MOST_STEPS = 1e6;
/** Letters, digits, dots, dashes and spaces: what a style's file may be called. */
const STYLE_NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._-]{0,80}$/u;

/** @throws {ConfigError} it is none of the jobs that there are. */
export function readJobRequest(value: unknown): JobRequest {
  const fields = record(value, 'a job');
  const kind = oneOf(fields.kind, ['photo', 'styles', 'film', 'train', 'strengths'] as const, 'kind');
  const item = text(fields.item, 'item');
  if (kind === 'train') return trainRequest(fields, item);
  if (kind === 'strengths') return { kind, item, ...stepsOf(fields) };
  const look = readLook(fields.look);
  if (kind === 'styles') {
    const styles = list(fields.styles, 'styles').map((style) => text(style, 'styles'));
    return { kind, item, styles, look, file: readFileKind(fields.file) } satisfies StylesJobRequest;
  }
  const parts = readParts(fields.parts);
  if (kind === 'photo')
    return { kind, item, parts, look, file: readFileKind(fields.file) } satisfies PhotoJobRequest;
  const steady = oneOf(fields.steady, ['off', 'light', 'strong'] as const, 'steady');
  const extension = oneOf(fields.extension, ['mp4', 'webm', 'gif'] as const, 'extension');
  return { kind, item, parts, look, steady, extension } satisfies FilmJobRequest;
}

function trainRequest(fields: Fields, item: string): TrainJobRequest {
  const name = text(fields.name, 'name').trim();
  if (!STYLE_NAME.test(name)) fail('letters, digits, dots and dashes for the name', name);
  return {
    ...{ kind: 'train', item, name },
    quality: oneOf(fields.quality, ['preview', 'good', 'best'] as const, 'quality'),
    strength: number(fields.strength, [1, 10], 'strength'),
    ...stepsOf(fields),
    previews: list(fields.previews, 'previews', 0).map((id) => text(id, 'previews')),
  };
}

function stepsOf({ steps }: Fields): { readonly steps?: number } {
  return steps === undefined ? {} : { steps: Math.round(number(steps, [1, MOST_STEPS], 'steps')) };
}

/** @throws {ConfigError} a look that cannot be painted. */
export function readLook(value: unknown): StudioLook {
  const fields = record(value, 'a look');
  const { mask, invertMask = false } = fields;
  return {
    amount: number(fields.amount, [0, 1], 'amount'),
    stroke: number(fields.stroke, STROKES, 'stroke'),
    colors: oneOf(fields.colors, ['style', 'photo', 'histogram'] as const, 'colors'),
    ...(mask === undefined ? {} : { mask: text(mask, 'mask'), invertMask: invertMask === true }),
  };
}

/** @throws {ConfigError} no styles, or weights that are no weights. */
export function readParts(value: unknown): readonly StylePart[] {
  const parts = list(value, 'parts').map((part) => {
    const { style, weight } = record(part, 'a style and its weight');
    return { style: text(style, 'style'), weight: number(weight, [0, 1e6], 'weight') };
  });
  if (!parts.some(({ weight }) => weight > 0)) fail('a style of a weight above 0', 'none');
  return parts;
}

/** @throws {ConfigError} none of the kinds. */
export function readItemKind(value: unknown): ItemKind {
  return oneOf(value, ['photo', 'film', 'frame', 'painting', 'mask'] as const, 'kind');
}

function readFileKind(value: unknown): StudioFile {
  const fields = record(value, 'a file format');
  const { quality } = fields;
  return {
    format: oneOf(fields.format, ['jpeg', 'png', 'webp', 'tiff', 'avif'] as const, 'format'),
    ...(quality === undefined ? {} : { quality: Math.round(number(quality, [1, 100], 'quality')) }),
    strip: fields.strip === true,
  };
}

function record(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  return fail(what, value);
}

function text(value: unknown, name: string): string {
  return typeof value === 'string' && value !== '' && value.length <= 200
    ? value
    : fail(`a text for ${name}`, value);
}

function number(value: unknown, [least, most]: readonly [number, number], name: string): number {
  return typeof value === 'number' && value >= least && value <= most
    ? value
    : fail(`a number from ${least} to ${most} for ${name}`, value);
}

function oneOf<const T extends string>(value: unknown, choices: readonly T[], name: string): T {
  return choices.find((choice) => choice === value) ?? fail(`${choices.join(', ')} for ${name}`, value);
}

function list(value: unknown, name: string, least = 1): readonly unknown[] {
  return Array.isArray(value) && value.length >= least && value.length <= 100
    ? value
    : fail(`a list of ${name}`, value);
}

function fail(what: string, received: unknown): never {
  const got = typeof received === 'string' ? received : (JSON.stringify(received) ?? String(received));
  throw new ConfigError(`Expected ${what} but received ${got.slice(0, 200)}.`);
}
