/** What `fast-style setup` and `doctor` do. */
import type { Check } from '../machine/examine-machine.ts';
import type { DOCTOR_SETTINGS, ReadyRuntime, SETUP_SETTINGS } from '../machine/settings.ts';
import type { SettingValues } from '../system/settings.ts';
import { checkOptions, givenOf } from './option-rows.ts';

/** Options of `fast-style setup` by their names in camelCase. */
export interface SetupOptions extends Partial<SettingValues<typeof SETUP_SETTINGS>> {}

export interface SetupCallbacks {
  /** Called when a stage begins, and while bytes are counted. */
  readonly onProgress?: (progress: {
    readonly stage: string;
    readonly done?: number;
    readonly total?: number;
  }) => void;
  /** Takes a line on what is chosen or missing, as the command line says it. */
  readonly onNote?: (note: string) => void;
  /** Ends the download at once, else the work after its present stage; the same call continues. */
  readonly signal?: AbortSignal;
}

/**
 * Sets TensorFlow up, as `fast-style setup` does: fetches it, compiles the binding and tries it. At once where all is ready. To be
 * called before anything that needs TensorFlow: a process that has not found it once does not look again.
 *
 * @throws {ConfigError} an unknown or invalid option. {RuntimeSetupError} it fails: the message says why. {FileError} the cache cannot be
 * written. The signal's reason, where it is aborted.
 */
export async function setup(
  options: SetupOptions = {},
  { onProgress, onNote, signal }: SetupCallbacks = {},
): Promise<ReadyRuntime> {
  const { SETUP_SETTINGS: settings } = await import('../machine/settings.ts');
  checkOptions(settings, options, 'setup');
  signal?.throwIfAborted();
  const { valuesOf } = await import('../system/settings.ts');
  const { byOptionNames } = await import('./by-option-names.ts');
  const { setUpMachine } = await import('../machine/set-up.ts');
  let stage = '';
  const reporter = {
    stage(title: string) {
      stage = title;
      onProgress?.({ stage });
    },
    bytes: (done: number, total: number) => onProgress?.({ stage, done, total }),
    note: (text: string) => onNote?.(text),
  };
  return byOptionNames(Object.keys(settings), () =>
    setUpMachine(valuesOf(settings, givenOf(options)), reporter, signal),
  );
}

/** Options of `fast-style doctor`. */
export interface DoctorOptions extends Partial<SettingValues<typeof DOCTOR_SETTINGS>> {
  /** Called after each check. */
  readonly onProgress?: (check: Check) => void;
  /** Stops after the present check. */
  readonly signal?: AbortSignal;
}

export interface Diagnosis {
  /** No check has found a fault. */
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

/**
 * Checks this machine and the set-up, as `fast-style doctor` does. Does not reject for faults: each names the command that fixes it.
 * Measuring the speed blocks the event loop for about a second.
 *
 * @throws {ConfigError} an unknown or invalid option. The signal's reason, where it is aborted.
 */
export async function doctor({ onProgress, signal, ...options }: DoctorOptions = {}): Promise<Diagnosis> {
  const { DOCTOR_SETTINGS: settings } = await import('../machine/settings.ts');
  checkOptions(settings, options, 'doctor');
  signal?.throwIfAborted();
  const { valuesOf } = await import('../system/settings.ts');
  const { examineMachine } = await import('../machine/examine-machine.ts');
  const checks: Check[] = [];
  for await (const check of examineMachine(valuesOf(settings, givenOf(options)))) {
    checks.push(check);
    onProgress?.(check);
    signal?.throwIfAborted();
  }
  return { ok: checks.every(({ state }) => state !== 'fault'), checks };
}
