import { readFile } from 'node:fs/promises';
import type { ArgumentsCamelCase } from 'yargs';
import { asFileError, refuseToOverwrite } from '../atomic-file.ts';
import { ConfigError, expected, FileError } from '../errors.ts';
import { requireMargin } from '../networks/margin.ts';
import { parseTrainConfig, type TrainConfig, WARM_START_DEFAULTS } from '../train/config.ts';
import { refuseForeignCheckpoint } from '../train/own-checkpoint.ts';
import { hasRunState, loadRunState, type RunState, type SavedRun } from '../train/run-state.ts';
import { checkSameOrigin, checkWarmStart, readWarmStart, type WarmStart } from '../train/warm-start.ts';
import { chooseLossNetwork } from './choose-loss-network.ts';
import { say } from './say.ts';
import { givenConfig, resumedConfig } from './train-options.ts';
import { withStrength } from './train-strength.ts';

/** What `fast-style train` is given, besides the settings of training (`train-options.ts`). */
export interface TrainArguments {
  readonly style: string[];
  readonly together: boolean;
  readonly 'add-to'?: string | undefined;
  readonly 'style-name'?: string[] | undefined;
  readonly data?: string | undefined;
  readonly name?: string | undefined;
  readonly out: string;
  readonly run?: string | undefined;
  readonly config?: string | undefined;
  readonly epochs?: number | undefined;
  readonly 'preview-every': number;
  readonly 'preview-photo'?: string[] | undefined;
  readonly 'checkpoint-every': number;
  readonly 'save-minutes': number;
  readonly keep: number;
  readonly tensorboard: boolean;
  readonly json: boolean;
  readonly plan: boolean;
  readonly 'ignore-plan': boolean;
  readonly precision: string;
  readonly engine: string;
  readonly accumulate: number;
  readonly resume: boolean;
  readonly from?: string | undefined;
  readonly overwrite: boolean;
  readonly margin?: number | undefined;
  readonly title?: string | undefined;
  readonly author?: string | undefined;
  readonly licence?: string | undefined;
}

export type TrainCall = ArgumentsCamelCase<TrainArguments>;

/** @throws {ConfigError} an interval or a number of states is out of bounds. */
export function checkNumbers(args: TrainCall): void {
  for (const option of ['preview-every', 'checkpoint-every', 'keep'] as const) {
    const least = option === 'preview-every' ? 0 : 1;
    if (!Number.isInteger(args[option]) || args[option] < least)
      throw new ConfigError(expected(`a whole number of at least ${least} for --${option}`, args[option]));
  }
  const { margin } = args;
  if (margin !== undefined) requireMargin(margin);
  if (!(args.saveMinutes > 0))
    throw new ConfigError(expected('a number above 0 for --save-minutes', args.saveMinutes));
}

/** Finds the state to go on from, or makes sure that a fresh start destroys nothing unasked. */
export async function openRun(
  { resume, overwrite, plan }: TrainCall,
  runFolder: string,
  checkpointPath: string,
): Promise<SavedRun | undefined> {
  if (resume && overwrite) {
    throw new ConfigError(
      expected('--resume to go on or --overwrite to start afresh', 'both', 'leave one of them away'),
    );
  }
  if (resume) {
    const saved = await loadRunState(runFolder);
    for (const reason of saved.passedOver) say(`Passed over a damaged state: ${reason}`);
    await refuseForeignCheckpoint(checkpointPath, saved.state.run);
    return saved;
  }
  if (overwrite || plan) return undefined;
  if (await hasRunState(runFolder)) {
    throw new FileError(
      `${runFolder} holds an earlier run; go on with --resume, or start afresh with --overwrite.`,
    );
  }
  await refuseToOverwrite(checkpointPath);
  return undefined;
}

/**
 * The style that `--from` names, whose weights a run starts from; one that goes on only checks that it did.
 *
 * @throws {CheckpointError} there is none, or the run was started from another. {FileError} it cannot be read.
 */
export async function warmStartOf(style: string, resume: RunState | undefined): Promise<WarmStart> {
  const { findStyle } = await import('../infer/find-style.ts');
  const warmStart = await readWarmStart(await findStyle(style));
  if (resume !== undefined) checkSameOrigin(warmStart, resume.legs);
  return warmStart;
}

/** The run's configuration: defaults, those of a warm start for it, under the configuration file, under options; a resumed run's own in place of defaults. */
export async function configOf(
  args: TrainCall,
  resume: RunState | undefined,
  photos: number,
  warmStart?: WarmStart,
): Promise<TrainConfig> {
  const file = args.config === undefined ? {} : await readConfigFile(args.config);
  const given = withStrength({ ...args }, givenConfig(args, file), resume?.config);
  const named = given.lossNetwork as string | undefined;
  const config =
    resume === undefined
      ? freshConfig({ ...given, lossNetwork: await chooseLossNetwork(named) }, warmStart)
      : resumedConfig(resume.config, given);
  if (args.epochs === undefined) return config;
  if (!(args.epochs > 0)) throw new ConfigError(expected('a number above 0 for --epochs', args.epochs));
  return parseTrainConfig({ ...config, steps: Math.ceil((args.epochs * photos) / config.batch) });
}

/** A warm start brings its architecture and its own defaults. @throws {ConfigError} another architecture was asked for. */
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

async function readConfigFile(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw asFileError(error, `read the configuration ${path}`);
  });
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch (error) {
    throw new ConfigError(expected(`JSON in ${path}`, (error as Error).message), { cause: error });
  }
  throw new ConfigError(expected(`a JSON object in ${path}`, text.slice(0, 40)));
}
