/** `video`: the one place where the painter of a film's frames is made. */
import { createHash } from 'node:crypto';
import { isOverTime, type OpenedBlend, openBlendOverTime } from '../../infer/blend-over-time.ts';
import type { Look } from '../../infer/finish/look.ts';
import { type OpenedStyle, openStyle } from '../../infer/open-style.ts';
import type { Checkpoint } from '../../networks/checkpoint.ts';
import type { FilmPainter } from '../film-painter.ts';
import type { FilmKey } from '../segment-store.ts';
import { STEADY_SETTINGS, type SteadyChoice } from '../steady/setting.ts';
import type { VideoCall } from './call.ts';

/** A style that stays, or one that changes over time. */
export type FilmStyle = OpenedStyle | OpenedBlend;

const changes = (style: FilmStyle): style is OpenedBlend => 'keys' in style;

export interface NamedFilmStyle {
  readonly style: FilmStyle;
  readonly label: string;
}

/** Reads the styles or the mixture. @throws as `openStyle` and `openBlendOverTime`. */
export async function openFilmStyles({
  style,
  blend,
}: Pick<VideoCall, 'style' | 'blend'>): Promise<readonly NamedFilmStyle[]> {
  const references = style === undefined ? [undefined] : [style].flat();
  const opened: NamedFilmStyle[] = [];
  for (const reference of references) {
    const isChanging = blend !== undefined && isOverTime(blend);
    const one = await (isChanging ? openBlendOverTime(reference, blend) : openStyle(reference, blend));
    opened.push({ style: one, label: one.label });
  }
  return opened;
}

/** The networks that a film's frames go through. */
export function checkpointsOf(style: FilmStyle): readonly Checkpoint[] {
  return changes(style) ? style.checkpoints : [style.checkpoint];
}

/** How a film's frames are painted in their style. */
export interface FilmManner {
  readonly look: Look | undefined;
  readonly precision: 'f32' | 'bf16';
  readonly steady: SteadyChoice;
}

/** What painted frames depend on of programs, style and look: an interrupted film continues only with the same. */
export async function painterKey(
  style: FilmStyle,
  { look, precision, steady }: FilmManner,
): Promise<FilmKey> {
  const { softwareVersions } = await import('../../engine/versions.ts');
  const { 'fast-style': version = '', tensorflow = '' } = softwareVersions();
  const checkpoints = checkpointsOf(style);
  const { mask, ...rest } = look ?? { amount: 1 };
  return {
    ...{ 'fast-style': version, tensorflow },
    style: hashOf(...checkpoints.flatMap(contentOf)),
    blend: changes(style) ? style.keys.map(({ seconds }) => seconds).join(' ') : null,
    look: JSON.stringify(rest),
    mask: mask === undefined ? null : hashOf(Buffer.from(`${mask.width}×${mask.height}`), mask.pixels),
    precision,
    steady,
    margin: checkpoints.map(({ margin = 0 }) => margin).join(' '),
  };
}

/**
 * Makes the painter. Of a style that changes, only pictures go over from frame to frame, not the statistics of its
 * normalisations, which are of other weights each time. Caller disposes.
 */
export async function openVideoPainter(
  style: FilmStyle,
  { look, precision, steady }: FilmManner,
): Promise<FilmPainter> {
  if (!changes(style)) {
    const { openFilmPainter } = await import('../steady/open-film-painter.ts');
    return openFilmPainter(style.checkpoint, steady, look, { precision });
  }
  const { changingPainter, FramePainter } = await import('../frame-painter.ts');
  const { unmixed } = await import('../../infer/finish/finished-rows.ts');
  const inner = steady === 'off' ? look : look && unmixed(look);
  const { painter, clock } = changingPainter(style, look?.amount ?? 1, inner, { precision });
  const plain = new FramePainter(painter, clock);
  if (steady === 'off') return plain;
  const { withMixing } = await import('../steady/open-film-painter.ts');
  const { ThreadedSteadyPainter } = await import('../steady/threaded-steady-painter.ts');
  return withMixing<FilmPainter>(new ThreadedSteadyPainter(plain, STEADY_SETTINGS[steady].share), look);
}

/** The network: its layers, and the weights with what they are. */
function contentOf({ architecture, parameters }: Checkpoint): readonly Uint8Array[] {
  const form = JSON.stringify([architecture, ...parameters.map(({ name, shape }) => [name, shape])]);
  return [
    Buffer.from(form),
    ...parameters.map(({ values }) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  ];
}

function hashOf(...parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 16);
}
