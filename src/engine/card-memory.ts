import { nvidiaCard } from './runtime/find-tools.ts';
import { runProgram } from './runtime/run-program.ts';

/** Memory of the card that TensorFlow computes on, in bytes. */
export interface CardMemory {
  readonly total: number;
  readonly free: number;
  /** What this process has of it; 0 where the driver does not know it by its number, as in a container. */
  readonly own: number;
}

/** What nvidia-smi says of the card's memory now; undefined if it says nothing. */
export async function cardMemory(program = 'nvidia-smi'): Promise<CardMemory | undefined> {
  const card = await nvidiaCard(program);
  if (card?.memory === undefined) return undefined;
  const query = ['--query-compute-apps=pid,used_gpu_memory', '--format=csv,noheader,nounits'];
  const { code, stdout } = await runProgram(program, query);
  const lines = code === 0 ? stdout.split('\n').map((line) => line.split(',').map(Number)) : [];
  const own = lines.filter(([pid]) => pid === process.pid).reduce((sum, [, used]) => sum + (used || 0), 0);
  return { ...card.memory, own: own * 2 ** 20 };
}
