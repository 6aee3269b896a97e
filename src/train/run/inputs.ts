import { stat } from 'node:fs/promises';
import type { PictureInput } from '../../data/photo/source.ts';
import { readCheckpoint } from '../../networks/checkpoint.ts';
import {
  type ChoosingHooks,
  chooseLossNetwork,
  chooseRecipeNetwork,
} from '../../networks/weights/choose-loss-network.ts';
import { refuseToOverwrite } from '../../system/atomic-file.ts';
import { ConfigError, expected, FileError } from '../../system/errors.ts';
import type { CallValues } from '../../system/settings.ts';
import {
  parseTrainConfig,
  QUALITIES,
  resumedConfig,
  type TrainConfig,
  WARM_START_DEFAULTS,
} from '../config.ts';
import { TRAIN_RECIPES, type TrainRecipeName } from '../recipes.ts';
import {
  checkSameOrigin,
  checkWarmStart,
  fitsWarmStart,
  readWarmStart,
  type WarmStart,
} from '../warm-start.ts';
import type { TRAIN_CALL } from './call-settings.ts';
import { readConfigFile } from './config-file.ts';
import type { DataHooks } from './data.ts';
import { withRecipe } from './recipe.ts';
import { hasRunState, loadRunState, type RunState, type SavedRun } from './run-state.ts';
import { withStrength } from './strength.ts';

/** The call of a training, by the names of the options of `fast-style train` in camelCase. */
export interface TrainCall extends Omit<CallValues<typeof TRAIN_CALL>, 'previewPhoto'> {
  /** Settings of training (`TrainConfig`) that were given for this run, over those of `config`. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Of paintings that are not files: the bytes of a picture, by its name in `style`. */
  readonly bytes?: ReadonlyMap<string, Uint8Array>;
  /** File of the loss network, where its name in the settings is not the way to it. */
  readonly lossNetworkFile?: string | undefined;
  /** The run's id; drawn unless given. */
  readonly id?: string | undefined;
  readonly previewPhoto?: readonly PictureInput[] | undefined;
}

/** The caller of a training, during set-up. */
export type SetUpHooks = ChoosingHooks & DataHooks;

/** Finds the state to resume from, or makes sure that a fresh start destroys nothing without --overwrite. */
export async function openRun(
  { resume, overwrite, plan }: TrainCall,
  { runFolder, checkpointPath }: { readonly runFolder: string; readonly checkpointPath: string },
  say: (line: string) => void,
): Promise<SavedRun | undefined> {
  if (resume && overwrite) {
    throw new ConfigError(
      expected('--resume to continue or --overwrite to start again', 'both', 'omit one of them'),
    );
  }
  if (resume) {
    const saved = await loadRunState(runFolder);
    for (const reason of saved.passedOver) say(`Skipped a damaged state: ${reason}`);
    await refuseForeignCheckpoint(checkpointPath, saved.state.run);
    return saved;
  }
  if (overwrite || plan) return undefined;
  if (await hasRunState(runFolder)) {
    throw new FileError(
      `${runFolder} holds an earlier run; continue with --resume, or start again with --overwrite.`,
    );
  }
  await refuseToOverwrite(checkpointPath);
  return undefined;
}

/** What a run starts from by default, where the architecture allows; `NO_START` draws weights. */
const DEFAULT_START = 'great-wave';
export const NO_START = 'none';

/**
 * The style whose weights a run starts from: the one that `--from` names, or the shipped one where it has the architecture that is wanted. A
 * resumed run has its own weights, and only checks what it was started from.
 *
 * @param architecture as typed, if it was. @throws {CheckpointError} there is none, or the run was started from another. {FileError}
 *   it cannot be read.
 */
export async function startOf(
  { from, together, addTo, recipe }: Partial<Pick<TrainCall, 'from' | 'together' | 'addTo' | 'recipe'>>,
  architecture: string | undefined,
  resume: RunState | undefined,
): Promise<WarmStart | undefined> {
  const isNamed = from !== undefined;
  const isOnItsOwn = together || addTo !== undefined || recipe !== undefined || resume !== undefined;
  if (from === NO_START || (!isNamed && isOnItsOwn)) return undefined;
  const { findStyle, shippedStyle } = await import('../../infer/find-style.ts');
  const warmStart = await readWarmStart(isNamed ? await findStyle(from) : shippedStyle(DEFAULT_START));
  if (!isNamed)
    return architecture === undefined || fitsWarmStart(warmStart, architecture) ? warmStart : undefined;
  if (resume !== undefined) checkSameOrigin(warmStart, resume.legs);
  return warmStart;
}

/**
 * The run's configuration, and the style that it starts from: defaults, those of a warm start and a recipe for it, under the configuration file,
 * under options; a resumed run's own in place of defaults.
 */
export async function configOf(
  args: TrainCall,
  resume: RunState | undefined,
  photos: number,
  hooks: ChoosingHooks,
): Promise<{ readonly config: TrainConfig; readonly warmStart: WarmStart | undefined }> {
  const file = args.config === undefined ? {} : await readConfigFile(args.config);
  const asked = { ...(args.quality && QUALITIES[args.quality]), ...file, ...args.settings };
  const given =
    args.recipe === undefined
      ? withStrength(args.settings, asked, resume?.config)
      : await withRecipe(args.recipe, asked, args.style, args.bytes);
  const warmStart = await startOf(args, given.architecture as string | undefined, resume);
  const named = given.lossNetwork as string | undefined;
  const config =
    resume === undefined
      ? freshConfig({ ...given, lossNetwork: await lossNetworkFor(args.recipe, named, hooks) }, warmStart)
      : resumedConfig(resume.config, given);
  if (args.epochs === undefined) return { config, warmStart };
  const steps = Math.ceil((args.epochs * photos) / config.batch);
  return { config: parseTrainConfig({ ...config, steps }), warmStart };
}

function lossNetworkFor(
  recipe: TrainRecipeName | undefined,
  named: string | undefined,
  hooks: ChoosingHooks,
): Promise<string> {
  return recipe === undefined
    ? chooseLossNetwork(named, hooks)
    : chooseRecipeNetwork(TRAIN_RECIPES[recipe].lossNetwork, named, hooks);
}

/** A warm start brings its architecture and its own defaults. @throws {ConfigError} another architecture was given. */
function freshConfig(
  given: Readonly<Record<string, unknown>>,
  warmStart: WarmStart | undefined,
): TrainConfig {
  if (warmStart === undefined) return parseTrainConfig(given);
  const { architecture } = warmStart;
  const config = parseTrainConfig({ architecture, ...WARM_START_DEFAULTS, ...given });
  checkWarmStart(warmStart, config.architecture);
  return config;
}

/**
 * Whether a resumed run may replace the file at its checkpoint's place: only its own.
 *
 * @param run the run's id.
 * @throws {FileError} another run's checkpoint, or another file, is there.
 */
async function refuseForeignCheckpoint(path: string, run: string): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there === undefined) return;
  const owner = await readCheckpoint(path).then(
    ({ training }) => training.run,
    () => undefined,
  );
  if (owner !== run)
    throw new FileError(
      `${path} exists already and belongs to another run; choose another --name or --out, or move it away.`,
    );
}
