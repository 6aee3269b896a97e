/** What `setup` does, from its options to the runtime that is ready. */
import { ffmpegProgram, oldFfmpeg } from '../data/ffmpeg-program.ts';
import { installCommand } from '../engine/runtime/find-tools.ts';
import { runProgram } from '../engine/runtime/run-program.ts';
import { setUpRuntime } from '../engine/runtime/set-up-runtime.ts';
import type { SetupReporter } from '../engine/runtime/setup-options.ts';
import { ConfigError, expected } from '../system/errors.ts';
import type { SettingValues } from '../system/settings.ts';
import type { ReadyRuntime, SETUP_SETTINGS } from './settings.ts';

/**
 * Makes the TensorFlow runtime ready. Where there is work to do, it first notes what is amiss with ffmpeg: whoever wants to paint films
 * may want to fix that before minutes go by.
 *
 * @param signal ends the download at once, else the work after its present stage: the same call continues.
 * @throws {ConfigError} options that exclude each other. {RuntimeSetupError} a stage fails. {FileError} the cache cannot be written. The
 * signal's reason.
 */
export async function setUpMachine(
  options: SettingValues<typeof SETUP_SETTINGS>,
  reporter: Omit<SetupReporter, 'begin'>,
  signal?: AbortSignal,
): Promise<ReadyRuntime> {
  if (options.withoutDevice && !options.gpu)
    throw new ConfigError(expected('--gpu with --without-device', 'no --gpu'));
  const own = process.env.FAST_STYLE_BINDING;
  if (own) return { origin: own, made: false };
  let made = false;
  const watched: SetupReporter = {
    ...reporter,
    async begin() {
      const fault = await ffmpegFault();
      if (fault !== undefined) reporter.note(fault);
    },
    stage(title) {
      signal?.throwIfAborted();
      made = true;
      reporter.stage(title);
    },
  };
  const { tensorflow, variant, origin } = await setUpRuntime({ ...options, signal }, watched);
  return { tensorflow, variant, origin, made };
}

/** What is amiss with this machine's ffmpeg, which only films need; undefined where it will do. */
async function ffmpegFault(): Promise<string | undefined> {
  const { code, stdout } = await runProgram(ffmpegProgram(), ['-version']);
  const old = oldFfmpeg(stdout);
  if (old !== undefined) return `${old}; pictures do not. FAST_STYLE_FFMPEG names another one.`;
  return code === 0
    ? undefined
    : `There is no ffmpeg, which only films need: ${installCommand({ ffmpeg: true })}`;
}
