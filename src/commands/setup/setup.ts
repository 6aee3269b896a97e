import type { CommandModule, InferredOptionTypes, Options } from 'yargs';
import type { SetupReporter } from '../../engine/runtime/setup-options.ts';

const options = {
  gpu: { type: 'boolean', describe: 'Runtime for an NVIDIA GPU with CUDA 12 (--no-gpu: for the CPU)' },
  'without-device': {
    type: 'boolean',
    implies: 'gpu',
    describe: 'With --gpu: even without a GPU, as in a container build',
  },
  'from-python': {
    type: 'string',
    requiresArg: true,
    describe: 'Use the TensorFlow installed in this Python instead of downloading one',
  },
  force: { type: 'boolean', default: false, describe: 'Set up again from the beginning' },
} as const satisfies Record<string, Options>;

export const setupCommand: CommandModule<object, InferredOptionTypes<typeof options>> = {
  command: 'setup',
  describe: 'Set up TensorFlow (once; returns at once when it is ready)',
  builder: (parser) =>
    parser
      .options(options)
      .example('$0 setup', 'Fetch TensorFlow and set it up for the CPU')
      .example('$0 setup --from-python .venv/bin/python', 'Use the TensorFlow of a virtual environment'),
  handler: async ({ gpu, withoutDevice, fromPython, force }) => {
    if (process.env.FAST_STYLE_BINDING) {
      console.log(
        `FAST_STYLE_BINDING names the TensorFlow binding: ${process.env.FAST_STYLE_BINDING}. Nothing to do.`,
      );
      return;
    }
    const { setUpRuntime } = await import('../../engine/runtime/set-up-runtime.ts');
    const started = performance.now();
    const reporter = await consoleReporter();
    try {
      const { tensorflow, variant, origin } = await setUpRuntime(
        { gpu, withoutDevice, fromPython, force },
        reporter,
      );
      reporter.end();
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      const took = reporter.worked() ? ` (set up in ${seconds} s)` : '';
      console.log(`TensorFlow ${tensorflow} for the ${variant.toUpperCase()} is ready${took}: ${origin}.`);
    } finally {
      reporter.end();
    }
  },
};

/** What to say of this machine's ffmpeg, which only films need; undefined where it will do. */
async function ffmpegFault(): Promise<string | undefined> {
  const { ffmpegProgram } = await import('../../data/ffmpeg-program.ts');
  const { oldFfmpeg } = await import('../../data/ffmpeg-program.ts');
  const { runProgram } = await import('../../engine/runtime/run-program.ts');
  const { installCommand } = await import('../../engine/runtime/find-tools.ts');
  const { code, stdout } = await runProgram(ffmpegProgram(), ['-version']);
  const old = oldFfmpeg(stdout);
  if (old !== undefined) return `${old}; pictures do not. FAST_STYLE_FFMPEG names another one.`;
  return code === 0
    ? undefined
    : `There is no ffmpeg, which only films need: ${installCommand({ ffmpeg: true })}`;
}

/** Shows the stages of set-up on standard error: a line each, with a bar where bytes are counted. */
async function consoleReporter(): Promise<SetupReporter & { end(): void; worked(): boolean }> {
  const { progressBar } = await import('../shared/progress-bar.ts');
  let bar: ReturnType<typeof progressBar> | undefined;
  let title: string | undefined;
  const end = () => {
    bar?.stop();
    bar = undefined;
  };
  return {
    end,
    // Before minutes go by: who wants to paint films may want to fix this first.
    async begin() {
      const fault = await ffmpegFault();
      if (fault !== undefined) process.stderr.write(`${fault}\n`);
    },
    worked: () => title !== undefined,
    stage(next) {
      end();
      title = next;
      if (!process.stderr.isTTY || !/^(Fetching|Unpacking)/.test(next)) process.stderr.write(`${next} …\n`);
    },
    bytes(done, total) {
      bar ??= progressBar({ label: title ?? '', total, show: (bytes) => `${Math.round(bytes / 1e6)} MB` });
      bar.update(done);
    },
    note(text) {
      end();
      process.stderr.write(`${text}\n`);
    },
  };
}
