import type { Argv, CommandModule } from 'yargs';
import type { TaskFailure } from '../../farm/queue/job-records.ts';
import { HEADS } from '../shared/heads.ts';
import { printJson } from '../shared/json-lines.ts';
import { tell } from '../shared/say.ts';
import { type FarmArguments, jsonOption, redisOption, withFarm } from './farm-options.ts';
import { counted, failureLines, jobLine, noteLines, statusText } from './status.ts';
import { submitCommand } from './submit.ts';
import { watchCommand } from './watch.ts';
import { workerCommand } from './worker.ts';

interface JobArguments extends FarmArguments {
  readonly job?: string | undefined;
}

/** `farm`: many machines at the jobs of one queue. @param commands those that can be submitted. */
export function farmCommand(commands: Parameters<typeof submitCommand>[0]): CommandModule {
  return {
    ...HEADS.farm,
    builder: (yargs: Argv) =>
      yargs
        .command(workerCommand)
        .command(submitCommand(commands))
        .command(statusCommand)
        .command(watchCommand)
        .command(cancelCommand)
        .command(retryCommand)
        .command(drainCommand)
        .demandCommand(1, 'Name what to do: worker, submit, status, watch, cancel, retry or drain')
        .example('$0 farm worker --redis redis://host:6379 --root /mnt/farm', 'On every machine')
        .example(
          '$0 farm submit stylize /mnt/farm/photos -s great-wave -o /mnt/farm/painted/ --redis redis://host:6379 --root /mnt/farm',
          'On one of them',
        ),
    handler: () => undefined,
  };
}

const statusCommand: CommandModule<object, JobArguments> = {
  command: 'status [job]',
  describe: 'Show jobs, workers and queues; of one job, its notes, and what has failed and why',
  builder: (yargs: Argv) =>
    yargs
      .positional('job', { type: 'string', describe: 'Id of a job, as submit prints it' })
      .options({ ...redisOption, ...jsonOption }),
  handler: ({ redis, job: id, json }) =>
    withFarm(redis, async (farm) => {
      const { statusOf } = await import('../../farm/queue/control.ts');
      if (id === undefined) {
        const status = await statusOf(farm);
        if (json) printJson({ ...status });
        else tell(statusText(status));
        return;
      }
      const job = await farm.records.require(id);
      const failures: TaskFailure[] = [];
      for await (const failure of farm.records.failures(id)) failures.push(failure);
      if (json) printJson({ ...job, failures });
      else tell([jobLine(job), ...noteLines(job), ...failures.flatMap(failureLines)].join('\n'));
    }),
};

const requiredJob = { type: 'string', demandOption: true, describe: 'Id of a job' } as const;

const cancelCommand: CommandModule<object, JobArguments> = {
  command: 'cancel <job>',
  describe: 'End a job; what is painted stays',
  builder: (yargs: Argv) => yargs.positional('job', requiredJob).options({ ...redisOption, ...jsonOption }),
  handler: ({ redis, job, json }) =>
    withFarm(redis, async (farm) => {
      const { cancelJob } = await import('../../farm/queue/control.ts');
      await cancelJob(farm, job!);
      if (json) printJson({ id: job, state: 'cancelled' });
      else tell(`${job}: cancelled`);
    }),
};

const retryCommand: CommandModule<object, JobArguments> = {
  command: 'retry <job>',
  describe: 'Try again what has failed of a job',
  builder: (yargs: Argv) => yargs.positional('job', requiredJob).options({ ...redisOption, ...jsonOption }),
  handler: ({ redis, job, json }) =>
    withFarm(redis, async (farm) => {
      const { retryJob } = await import('../../farm/queue/control.ts');
      const tasks = await retryJob(farm, job!);
      if (json) printJson({ id: job, tasks });
      else tell(`${job}: ${counted(tasks, 'task')} queued again`);
    }),
};

interface DrainArguments extends FarmArguments {
  readonly worker?: string | undefined;
}

const drainCommand: CommandModule<object, DrainArguments> = {
  command: 'drain [worker]',
  describe: 'Have workers finish what they are at and end; all, or one',
  builder: (yargs: Argv) =>
    yargs
      .positional('worker', { type: 'string', describe: 'Id of a worker, as status shows it' })
      .options({ ...redisOption, ...jsonOption }),
  handler: ({ redis, worker, json }) =>
    withFarm(redis, async (farm) => {
      const { drainWorkers } = await import('../../farm/queue/control.ts');
      const asked = await drainWorkers(farm, worker);
      if (json) printJson({ asked });
      else tell(`${counted(asked, 'worker')} asked; each ends when its tasks are done.`);
    }),
};
