import type { Logger } from 'pino';

export type { Logger };

/** A worker's log: a JSON object per line on standard output, as pino writes it. @param facts that every line has. */
export async function openLog(facts: Readonly<Record<string, unknown>>): Promise<Logger> {
  const { pino, destination } = await import('pino');
  // Written at once: a line that waits in memory is lost with a worker that is killed.
  return pino(
    { base: facts, timestamp: () => `,"time":"${new Date().toISOString()}"` },
    destination({ sync: true }),
  );
}
