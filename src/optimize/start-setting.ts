import { ConfigError, expected } from '../system/errors.ts';

/** What the optimisation starts from; pixels in [0, 255]. */
export type StartConfig =
  | { readonly kind: 'content' | 'style' | 'grey' | 'given' }
  /** Every value uniform in [0, 255]. */
  | { readonly kind: 'uniform' }
  /**
   * Normal noise about `mean` (the photo's own mean per channel, a grey level, or one per channel), with a standard
   * deviation in grey levels or as a share of the photo's.
   */
  | {
      readonly kind: 'normal';
      readonly mean: 'content' | number | readonly [number, number, number];
      readonly deviation: number | { readonly shareOfContent: number };
    }
  /** `share` of uniform noise, the rest the photo (or the given picture, if there is one). */
  | { readonly kind: 'blend'; readonly share: number };

const KINDS: Readonly<Record<StartConfig['kind'], true>> = {
  ...{ content: true, style: true, grey: true, given: true },
  ...{ uniform: true, normal: true, blend: true },
};

/** @throws {ConfigError} no start, or one of an unknown kind. */
export function checkStart(value: unknown, name: string): StartConfig {
  const { kind } = (value ?? {}) as Partial<StartConfig>;
  if (kind !== undefined && Object.hasOwn(KINDS, kind)) return value as StartConfig;
  throw new ConfigError(expected(`one of ${Object.keys(KINDS).join(', ')} as the kind of ${name}`, value));
}
