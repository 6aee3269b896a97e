/** Values of `optimize`'s options as typed: text to settings. */

import type { PictureInput } from '../../data/photo/source.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { numberIn } from '../../system/number-in.ts';
import type { NumberBounds } from '../../system/settings.ts';
import type { OptimizeConfig } from '../config.ts';
import { ADAM_SETTINGS, type AdamConfig } from '../minimizer-settings.ts';
import { OPTIMIZE_SETTINGS } from '../settings.ts';
import type { StartConfig } from '../start-setting.ts';

/** A start, with the picture that it wants, if it wants one. */
export interface ParsedStart {
  readonly start: StartConfig;
  readonly file?: PictureInput;
  /** Name or file of a trained style that paints the photo first. */
  readonly network?: string;
}

/** Share of noise in `blend`, and deviation of `normal` in grey levels, unless given. */
const [BLEND_SHARE, DEVIATION] = [0.5, 64];

/** `content`, `style`, `grey`, `noise`, `normal[:64]`, `blend[:0.5]`, `network:<style>`, a picture file or the bytes of one. */
export function parseStart(text: PictureInput): ParsedStart {
  if (typeof text !== 'string') return { start: { kind: 'given' }, file: text };
  const [kind = '', value] = splitOnce(text);
  if (value === undefined) {
    if (text === 'content' || text === 'style' || text === 'grey') return { start: { kind: text } };
    if (text === 'noise') return { start: { kind: 'uniform' } };
  }
  if (kind === 'network' && value) return { start: { kind: 'given' }, network: value };
  if (kind === 'blend')
    return { start: { kind, share: numberIn('--start blend', value ?? BLEND_SHARE, 0, 1) } };
  if (kind === 'normal') {
    const deviation = numberIn('--start normal', value ?? DEVIATION, 0, 1000);
    return { start: { kind, mean: 'content', deviation } };
  }
  if (/[./\\]/.test(text)) return { start: { kind: 'given' }, file: text };
  throw new ConfigError(
    expected(
      'content, style, grey, noise, normal, blend, network:<style> or a picture file for --start',
      text,
    ),
  );
}

/** `4`: as many sizes, each twice the previous one; `0.25,0.5,1`: shares of the whole; `0.5:2,1:1`: with their shares of the iterations. */
export function parseScales(text: string): OptimizeConfig['scales'] {
  const parts = text.split(',').map((part) => part.trim());
  const [only = ''] = parts;
  if (parts.length === 1 && /^[1-9]$/.test(only)) {
    const count = Number(only);
    return Array.from({ length: count }, (_, i) => ({ scale: 2 ** (i + 1 - count), share: 1 }));
  }
  return parts.map((part) => {
    const [scale = '', share = '1'] = splitOnce(part);
    return { scale: numberIn('--scales', scale, 0.01, 1), share: numberIn('--scales', share, 1e-6, 1e6) };
  });
}

/** `constant`, `exponential[:0.95[:100]]`, `staircase[:0.95[:100]]`: rate and steps. */
export function parseDecay(text: string): Pick<AdamConfig, 'decay' | 'decayRate' | 'decaySteps'> {
  const [decay, rate = '0.95', steps = '100', ...more] = text.split(':');
  if ((decay !== 'constant' && decay !== 'exponential' && decay !== 'staircase') || more.length > 0) {
    throw new ConfigError(
      expected('constant, exponential:<rate>:<steps> or staircase:<rate>:<steps> for --decay', text),
    );
  }
  return {
    decay,
    decayRate: within(ADAM_SETTINGS.decayRate.bounds, 'the rate of --decay', rate),
    decaySteps: within(ADAM_SETTINGS.decaySteps.bounds, 'the steps of --decay', steps),
  };
}

/** `5e-5`, `0.2:power`: weight and form of total variation. */
export function parseTv(text: string): Pick<OptimizeConfig, 'tvWeight' | 'tvForm'> {
  const [weight = '', form = 'squared'] = splitOnce(text);
  if (form !== 'squared' && form !== 'power')
    throw new ConfigError(expected('a weight, or one with :squared or :power, for --tv', text));
  return { tvWeight: within(OPTIMIZE_SETTINGS.tvWeight.bounds, '--tv', weight), tvForm: form };
}

/** A path with an optional weight after its last colon: `wave.jpg:0.7`. */
export function parseWeightedPath(text: string): { readonly path: string; readonly weight: number } {
  const [, path = text, weight = '1'] = /^(.+):(\d*\.?\d+(?:e[-+]?\d+)?)$/i.exec(text) ?? [];
  return { path, weight: Number(weight) };
}

/** A number as typed, within a setting's bounds. @param what it is, for the message. */
function within({ least, most, isWhole }: NumberBounds, what: string, text: string): number {
  return numberIn(what, text, least, most, isWhole);
}

function splitOnce(text: string): [string, string | undefined] {
  const at = text.indexOf(':');
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
