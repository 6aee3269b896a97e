import type { Argv, CommandModule } from 'yargs';
import type { SetupReporter } from '../../engine/runtime/setup-options.ts';
import { SETUP_SETTINGS } from '../../machine/settings.ts';
import { typedValues } from '../../system/settings.ts';
import { HEADS } from '../shared/heads.ts';
import { progressBar } from '../shared/progress-bar.ts';
import { callOptions } from '../shared/setting-options.ts';

export const setupCommand: CommandModule = {
  ...HEADS.setup,
  builder: (parser: Argv) => {
    parser.options(callOptions(SETUP_SETTINGS));
    return parser
      .example('$0 setup', 'Fetch TensorFlow and set it up for the CPU')
      .example('$0 setup --from-python .venv/bin/python', 'Use the TensorFlow of a virtual environment');
  },
  handler: async (args) => {
    const options = typedValues(SETUP_SETTINGS, args);
    const { setUpMachine } = await import('../../machine/set-up.ts');
    const started = performance.now();
    const reporter = consoleReporter();
    try {
      const { tensorflow, variant, origin, made } = await setUpMachine(options, reporter);
      reporter.end();
      const took = made ? ` (set up in ${((performance.now() - started) / 1000).toFixed(1)} s)` : '';
      console.log(
        tensorflow === undefined
          ? `FAST_STYLE_BINDING names the TensorFlow binding: ${origin}. Nothing to do.`
          : `TensorFlow ${tensorflow} for the ${variant?.toUpperCase()} is ready${took}: ${origin}.`,
      );
    } finally {
      reporter.end();
    }
  },
};

/** Shows the stages of set-up on standard error: a line each, with a bar where bytes are counted. */
function consoleReporter(): Omit<SetupReporter, 'begin'> & { end(): void } {
  let bar: ReturnType<typeof progressBar> | undefined;
  let title = '';
  const end = () => {
    bar?.stop();
    bar = undefined;
  };
  return {
    end,
    stage(next) {
      end();
      title = next;
      if (!process.stderr.isTTY || !/^(Fetching|Unpacking)/.test(next)) process.stderr.write(`${next} …\n`);
    },
    bytes(done, total) {
      bar ??= progressBar({ label: title, total, show: (bytes) => `${Math.round(bytes / 1e6)} MB` });
      bar.update(done);
    },
    note(text) {
      end();
      process.stderr.write(`${text}\n`);
    },
  };
}
