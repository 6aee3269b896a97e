/** The parts of a run's state that are kept as JSON: each is what it should be before anything is made of it. */
import { isCount, isRecord } from '../../system/json-text.ts';
import type { GuardRecord } from '../guard/guard-record.ts';
import type { Leg } from '../step/legs.ts';
import type { BatchLosses } from '../step/loss-values.ts';
import type { DataPosition, RunState } from './run-state.ts';

type Fits<T> = (value: unknown) => value is T;

const isText: Fits<string> = (value) => typeof value === 'string';
const isNumber: Fits<number> = (value) => typeof value === 'number';

function listOf<T>(fits: Fits<T>): Fits<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(fits);
}

/** The configurations in them are history: a setting of an older version is no fault. */
export const isLegs: Fits<readonly Leg[]> = (value): value is readonly Leg[] =>
  listOf(isLeg)(value) && value.length > 0;

function isLeg(value: unknown): value is Leg {
  if (!isRecord(value) || !isCount(value.step) || !isCount(value.images) || !isRecord(value.config))
    return false;
  return value.from === undefined || isOrigin(value.from);
}

function isOrigin(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { name, sha256, steps, images, legs } = value;
  const isKnown = isText(name) && isText(sha256) && isCount(steps) && isCount(images);
  return isKnown && (legs === undefined || Array.isArray(legs));
}

export const isPosition: Fits<DataPosition> = (value): value is DataPosition =>
  isRecord(value) && isCount(value.epoch) && isCount(value.index);

/** JSON writes a term that is not finite as null; the guard knows what to do with such a step. */
const isLoss = (value: unknown) => value === null || isNumber(value);

/** States from before layers were logged have none. */
export const isRecent: Fits<readonly BatchLosses[]> = listOf((value): value is BatchLosses => {
  if (!isRecord(value)) return false;
  const { photos, contentLayers, styleLayers, ...terms } = value;
  const areLayers = [contentLayers, styleLayers].every(
    (layers) => layers === undefined || (isRecord(layers) && Object.values(layers).every(isLoss)),
  );
  return areLayers && isLoss(terms.total) && Object.values(terms).every(isLoss) && arePhotos(photos);
});

function arePhotos(photos: unknown): boolean {
  const isPhoto = (value: unknown) => isRecord(value) && Object.values(value).every(isLoss);
  return photos === undefined || (Array.isArray(photos) && photos.every(isPhoto));
}

export const isGuardRecord: Fits<GuardRecord> = (value): value is GuardRecord =>
  isRecord(value) &&
  isNumber(value.learningRateFactor) &&
  listOf((each): each is GuardRecord['rollBacks'][number] => {
    if (!isRecord(each)) return false;
    return [each.step, each.to].every(isCount) && isText(each.reason) && isNumber(each.learningRateFactor);
  })(value.rollBacks);

export const isStyleWeights: Fits<NonNullable<RunState['styles']>> = listOf(
  (each): each is { readonly name: string; readonly styleWeight: number } =>
    isRecord(each) && isText(each.name) && isNumber(each.styleWeight),
);
