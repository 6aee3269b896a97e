/** An engine that answers what PyTorch has answered (fixtures/peers.json): `stored-peer.ts <case>`. */
import { readFile, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';

const stored = JSON.parse(await readFile(new URL('fixtures/peers.json', import.meta.url), 'utf8'));
for await (const line of createInterface({ input: process.stdin })) {
  const { command, file } = JSON.parse(line);
  if (command === 'output') await writeFile(file, Buffer.from(stored[process.argv[2]!], 'base64'));
  process.stdout.write(`${JSON.stringify(command === 'run' ? { ms: 1 } : {})}\n`);
}
