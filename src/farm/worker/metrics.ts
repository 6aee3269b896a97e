/** What a worker tells Prometheus, at /metrics of a port of its own. */
import { createServer } from 'node:http';
import { ConfigError, expected } from '../../system/errors.ts';

/** Where metrics are served. */
export interface MetricsPlace {
  readonly host: string;
  readonly port: number;
}

export interface WorkerMetrics {
  /** A task is through. @param items that it has done. */
  finished(kind: string, outcome: 'done' | 'failed' | 'retried', seconds: number, items: number): void;
  /** Where they are served; the port that was taken where 0 was asked for. */
  readonly url: string;
  close(): void;
}

/** What is asked when Prometheus asks. */
export interface MetricsSources {
  readonly busy: () => number;
  readonly concurrency: number;
  /** Tasks that wait in the queues that the worker reads. */
  readonly waiting: () => Promise<ReadonlyMap<string, number>>;
}

const MOST_PORT = 65_535;

/** `port` or `host:port`; without a host, this machine alone. @throws {ConfigError} it is neither. */
export function parseMetricsPlace(text: string): MetricsPlace {
  const [, host = '127.0.0.1', digits] = /^(?:(.+):)?(\d+)$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits !== undefined && port <= MOST_PORT) return { host: host.replace(/^\[|\]$/g, ''), port };
  throw new ConfigError(
    expected('a port, or a host and a port, for --metrics', text, 'as 9464 or 0.0.0.0:9464'),
  );
}

/** @throws {ConfigError} the port cannot be used. */
export async function serveMetrics(
  { host, port }: MetricsPlace,
  { busy, concurrency, waiting }: MetricsSources,
): Promise<WorkerMetrics> {
  const { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } = await import('prom-client');
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const tasks = new Counter({
    ...{ name: 'fast_style_farm_tasks_total', help: 'Tasks that are through, by outcome' },
    ...{ labelNames: ['kind', 'outcome'] as const, registers },
  });
  const items = new Counter({
    ...{ name: 'fast_style_farm_items_total', help: 'Photos, frames or steps done' },
    ...{ labelNames: ['kind'] as const, registers },
  });
  const seconds = new Histogram({
    ...{ name: 'fast_style_farm_task_seconds', help: 'Time of a task' },
    ...{ labelNames: ['kind'] as const, registers, buckets: [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000] },
  });
  new Gauge({
    ...{ name: 'fast_style_farm_slots', help: 'Tasks that the worker does at a time', registers },
    collect() {
      this.set(concurrency);
    },
  });
  new Gauge({
    ...{ name: 'fast_style_farm_busy', help: 'Tasks under way', registers },
    collect() {
      this.set(busy());
    },
  });
  new Gauge({
    ...{ name: 'fast_style_farm_waiting', help: 'Tasks that wait, in the queues that this worker reads' },
    ...{ labelNames: ['queue'] as const, registers },
    async collect() {
      this.reset();
      for (const [queue, count] of await waiting()) this.set({ queue }, count);
    },
  });
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const told = expected(
        'a port that is free for --metrics',
        `${host}:${port} (${error.code})`,
        'choose another',
      );
      reject(new ConfigError(told, { cause: error }));
    });
    server.listen(port, host, resolve);
  });
  const { port: taken } = server.address() as { port: number };
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}/metrics`,
    finished(kind, outcome, took, count) {
      tasks.inc({ kind, outcome });
      seconds.observe({ kind }, took);
      if (count > 0) items.inc({ kind }, count);
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
