/** `farm submit <kind> …`: the commands of this program, with their very options, done by the workers of a farm. */
import type { Argv, CommandModule } from 'yargs';
import type { SubmittedJob } from '../../farm/submit/submit-job.ts';
import { catchInterruption } from '../shared/interruption.ts';
import { printJson } from '../shared/json-lines.ts';
import { progressBar } from '../shared/progress-bar.ts';
import { say, tell } from '../shared/say.ts';
import { jsonOption, redisOption, requireRoot, rootOption, withFarm } from './farm-options.ts';
import { counted } from './status.ts';

interface SubmitArguments extends Readonly<Record<string, unknown>> {
  readonly redis?: string | undefined;
  readonly root?: string | undefined;
  readonly tag?: string[] | undefined;
  readonly again: boolean;
  readonly json: boolean;
}

/** Options of submitting, not of the job. */
const submitOptions = {
  ...redisOption,
  ...rootOption,
  tag: { type: 'string', array: true, describe: 'Only workers with this --tag do it; gpu asks for a card' },
  again: { type: 'boolean', default: false, describe: 'Do a job again that is over' },
  ...jsonOption,
} as const;
const OWN: readonly string[] = [...Object.keys(submitOptions), 'verbose', 'help', 'version', '_', '$0'];

// biome-ignore lint/suspicious/noExplicitAny: each command has arguments of its own; here they are data.
type AnyCommand = CommandModule<object, any>;

/** @param commands those that can be submitted; the first word of each is the kind of job. */
export function submitCommand(commands: readonly AnyCommand[]): CommandModule {
  return {
    command: 'submit',
    describe: 'Submit a job: a command with its options, for the workers',
    builder: (yargs: Argv) =>
      commands
        .reduce((parser, command) => parser.command(submitOf(command)), yargs)
        .demandCommand(1, `Name what to submit: ${commands.map(kindOf).join(', ')}`),
    handler: () => undefined,
  };
}

const kindOf = ({ command }: AnyCommand) => String(command).split(' ')[0]!;

function submitOf(command: AnyCommand): CommandModule<object, SubmitArguments> {
  return {
    command: String(command.command),
    describe: command.describe ?? false,
    builder: (yargs: Argv) => {
      const build = command.builder as (parser: Argv) => Argv;
      return build(withoutExamples(yargs)).options(submitOptions) as Argv<SubmitArguments>;
    },
    handler: (args) => submit(kindOf(command), args),
  };
}

/** A parser that takes no examples: they show the command itself. */
function withoutExamples(yargs: Argv): Argv {
  const parser: Argv = new Proxy(yargs, {
    get(target, name) {
      if (name === 'example') return () => parser;
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        const answer: unknown = member.apply(target, args);
        return answer === target ? parser : answer;
      };
    },
  });
  return parser;
}

async function submit(name: string, args: SubmitArguments): Promise<void> {
  const { redis, root, tag = [], again, json } = args;
  const { checkedTags } = await import('../../farm/worker/worker-call.ts');
  const tags = checkedTags(tag);
  const url = await requireRoot(root);
  const { openKind } = await import('../../farm/kinds/kinds.ts');
  const kind = await openKind(name);
  const { openStore } = await import('../../farm/store/open-store.ts');
  const store = await openStore(url);
  const { signal, release } = catchInterruption(() => say('Stopping; the same command goes on.'));
  try {
    const { StorePlaces } = await import('../../farm/submit/store-places.ts');
    const { callData } = await import('../../farm/submit/call-data.ts');
    const { submitJob } = await import('../../farm/submit/submit-job.ts');
    await withFarm(redis, async (farm) => {
      const call = await callData(name, optionsOf(args), new StorePlaces(store));
      const { hazardsOf } = await import('../../farm/queue/redis.ts');
      for (const hazard of await hazardsOf(farm.redis)) say(hazard);
      const bar = progressBar({ label: 'Submitting', total: 0, isSilent: json });
      let isSaid = false;
      const onProgress = (_: number, items: number, isFull: boolean) => {
        bar.setTotal(items);
        bar.update(items);
        if (isFull && !isSaid && !json) bar.say('The queue is full; the rest follows as workers take tasks.');
        isSaid ||= isFull;
      };
      try {
        const job = await submitJob(farm, { kind, call, store, tags, again, signal, onProgress });
        bar.stop();
        if (json) printJson({ ...job });
        else tellJob(job);
      } finally {
        bar.stop();
      }
    });
  } finally {
    release();
    store.close();
  }
}

function tellJob({ id, isNew, state, tasks, items, lack }: SubmittedJob): void {
  tell(id);
  if (isNew) say(`${items} to do, in ${counted(tasks, 'task')}.`);
  else if (state === 'done') say('This job is done already; --again does it again.');
  else if (state === 'failed')
    say(`This job has failed in parts; fast-style farm retry ${id} tries them again.`);
  else say(`This job is known already, and ${state}.`);
  if (lack !== undefined) say(`No worker that runs now can do it: it waits for one with ${lack}.`);
}

/** The options of the command as its own handler gets them: each once, without short names. */
function optionsOf(args: SubmitArguments): Readonly<Record<string, unknown>> {
  const isOption = (name: string) => name.length > 1 && !name.includes('-') && !OWN.includes(name);
  return Object.fromEntries(
    Object.entries(args).filter(([name, value]) => isOption(name) && value !== undefined),
  );
}
