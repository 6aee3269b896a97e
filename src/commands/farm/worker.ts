/** `farm worker`: takes tasks until it is asked to end. */
import type { Argv, CommandModule } from 'yargs';
import { ConfigError, expected } from '../../system/errors.ts';
import { catchInterruption } from '../shared/interruption.ts';
import { say } from '../shared/say.ts';
import { redisOption, requireRoot, rootOption, withFarm } from './farm-options.ts';

export interface WorkerArguments {
  readonly redis?: string | undefined;
  readonly root?: string | undefined;
  readonly concurrency: number;
  readonly kinds?: string | undefined;
  readonly tag?: string[] | undefined;
  readonly memory?: string | undefined;
  readonly metrics?: string | undefined;
  readonly takeover: number;
  readonly idle?: number | undefined;
}

const [MOST_CONCURRENCY, LEAST_TAKEOVER, MOST_TAKEOVER] = [256, 1, 3600];

export const workerCommand: CommandModule<object, WorkerArguments> = {
  command: 'worker',
  describe: 'Do the tasks of jobs until Ctrl-C, which hands back what is under way, or farm drain',
  builder: (yargs: Argv) =>
    yargs
      .options({ ...redisOption, ...rootOption })
      .option('concurrency', {
        type: 'number',
        default: 1,
        describe: 'Tasks at a time; they share the cores',
      })
      .option('kinds', {
        type: 'string',
        describe: 'Kinds of jobs to do, such as stylize,video',
        defaultDescription: 'all',
      })
      .option('tag', {
        type: 'string',
        array: true,
        describe: 'Also do jobs submitted with this --tag; gpu and bf16 are set where the machine has them',
      })
      .option('memory', {
        type: 'string',
        describe: 'Memory that all tasks may take, such as 16GB',
        defaultDescription: 'most of the free memory',
      })
      .option('metrics', {
        type: 'string',
        describe: 'Serve metrics for Prometheus at this port, or host:port',
        defaultDescription: 'none',
      })
      .option('takeover', {
        type: 'number',
        default: 30,
        describe: 'Seconds after which the tasks of a worker that has died are taken over',
      })
      .option('idle', {
        type: 'number',
        describe: 'End after so many seconds without a task',
        defaultDescription: 'never',
      })
      .example('$0 farm worker --redis redis://host:6379 --root /mnt/farm', 'Work, one task at a time'),
  handler: async (args) => {
    const { checkedKinds, checkedTags } = await import('../../farm/worker/worker-call.ts');
    const { concurrency, takeover } = args;
    const whole = (value: number, least: number, most: number, name: string) => {
      if (Number.isInteger(value) && value >= least && value <= most) return value;
      throw new ConfigError(expected(`a whole number from ${least} to ${most} for --${name}`, value));
    };
    whole(concurrency, 1, MOST_CONCURRENCY, 'concurrency');
    whole(takeover, LEAST_TAKEOVER, MOST_TAKEOVER, 'takeover');
    const idle =
      args.idle === undefined ? {} : { idle: 1000 * whole(args.idle, 1, MOST_TAKEOVER * 24, 'idle') };
    const kinds = checkedKinds(args.kinds);
    const tags = checkedTags(args.tag ?? []);
    const { parseMemory } = await import('../../infer/bands/memory-plan.ts');
    const memory = args.memory === undefined ? undefined : parseMemory(args.memory);
    const { parseMetricsPlace, serveMetrics } = await import('../../farm/worker/metrics.ts');
    const place = args.metrics === undefined ? undefined : parseMetricsPlace(args.metrics);
    const store = await requireRoot(args.root);
    const { openStore } = await import('../../farm/store/open-store.ts');
    const opened = await openStore(store);
    const { requireWritable } = await import('../../farm/store/writable.ts');
    await requireWritable(opened);
    const { WatchedRoot } = await import('../../farm/store/root-mark.ts');
    const { ownAbilities } = await import('../../farm/worker/own-abilities.ts');
    const { FarmWorker } = await import('../../farm/worker/worker.ts');
    const { openLog } = await import('../../farm/worker/log.ts');
    const machine = await ownAbilities(memory);
    await withFarm(args.redis, async (farm) => {
      const { otherVersions } = await import('../../farm/queue/control.ts');
      const { hazardsOf } = await import('../../farm/queue/redis.ts');
      const log = await openLog({ host: machine.host, pid: machine.pid });
      for (const hazard of await hazardsOf(farm.redis)) log.warn(hazard);
      for (const one of await otherVersions(farm, machine.version))
        log.warn(
          `Jobs wait for workers of version ${one}; this one, of ${machine.version}, leaves them alone.`,
        );
      const served = { busy: () => worker.busy, waiting: () => worker.waiting(), concurrency };
      const metrics = place === undefined ? undefined : await serveMetrics(place, served);
      const options = {
        ...{ store: opened.url, root: new WatchedRoot(opened), kinds, tags, concurrency, machine, log },
        ...{ lock: 1000 * takeover, ...idle },
      };
      const worker = new FarmWorker(farm, { ...options, ...(metrics === undefined ? {} : { metrics }) });
      const { signal, release } = catchInterruption(() => say('Handing back what is under way …'));
      signal.addEventListener('abort', () => worker.stop(), { once: true });
      const { version, memory: bytes, cores } = machine;
      log.info(
        { worker: worker.id, version, store: opened.url, kinds, cores, memory: bytes, metrics: metrics?.url },
        'ready',
      );
      try {
        await worker.run();
      } finally {
        release();
        metrics?.close();
        opened.close();
      }
      log.info({ worker: worker.id }, 'ended');
    });
  },
};
