import type { CommandModule, InferredOptionTypes, Options } from 'yargs';
import { FastStyleError } from '../../system/errors.ts';
import type { Check, CheckState } from './doctor-checks.ts';

const options = {
  full: { type: 'boolean', default: false, describe: 'Compare checksums of the runtime, not only sizes' },
  json: { type: 'boolean', default: false, describe: 'Print the findings as JSON' },
} as const satisfies Record<string, Options>;

export const doctorCommand: CommandModule<object, InferredOptionTypes<typeof options>> = {
  command: 'doctor',
  describe: 'Check this machine and the set-up, and name the command that fixes each fault',
  builder: (parser) => parser.options(options),
  handler: async ({ full, json }) => {
    const { examineMachine } = await import('./doctor-checks.ts');
    const checks: Check[] = [];
    for await (const check of examineMachine({ full })) {
      checks.push(check);
      if (!json) console.log(show(check));
    }
    const faults = checks.filter(({ state }) => state === 'fault');
    if (json) console.log(JSON.stringify({ ok: faults.length === 0, checks }, null, 2));
    if (faults.length > 0) {
      const names = faults.map(({ name }) => name).join(', ');
      throw new FastStyleError(`Something is missing: ${names}; fix it with: ${faults[0]?.remedy}`);
    }
  },
};

const MARKS: Readonly<Record<CheckState, string>> = { ok: 'ok     ', warning: 'warning', fault: 'FAULT  ' };

function show({ name, state, text, remedy }: Check): string {
  const line = `${MARKS[state]}  ${name.padEnd(12)}  ${text}`;
  return remedy === undefined ? line : `${line}\n${' '.repeat(23)}→ ${remedy}`;
}
