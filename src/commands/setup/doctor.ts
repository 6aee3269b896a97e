import type { Argv, CommandModule } from 'yargs';
import type { Check, CheckState } from '../../machine/examine-machine.ts';
import { DOCTOR_SETTINGS } from '../../machine/settings.ts';
import { FastStyleError } from '../../system/errors.ts';
import { typedValues } from '../../system/settings.ts';
import { HEADS } from '../shared/heads.ts';
import { callOptions } from '../shared/setting-options.ts';

export const doctorCommand: CommandModule<object, { readonly json: boolean }> = {
  ...HEADS.doctor,
  builder: (parser: Argv) => {
    parser.options(callOptions(DOCTOR_SETTINGS));
    return parser.option('json', {
      type: 'boolean',
      default: false,
      describe: 'Print the findings as JSON',
    });
  },
  handler: async (args) => {
    const { json } = args;
    const { examineMachine } = await import('../../machine/examine-machine.ts');
    const checks: Check[] = [];
    for await (const check of examineMachine(typedValues(DOCTOR_SETTINGS, args))) {
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
