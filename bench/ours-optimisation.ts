/** Our L-BFGS as a process of its own: `ours-optimisation.ts f32|bf16` (bench/measure-optimisation.ts). */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Precision } from '../src/engine/compile/compile.ts';
import * as tf from '../src/engine/tensorflow.ts';
import { LossNetwork } from '../src/networks/loss-network.ts';
import { readSafetensors } from '../src/networks/safetensors-file.ts';
import type { Evaluate, LossTerms, Minimizer } from '../src/optimize/evaluation.ts';
import { makeMinimizer } from '../src/optimize/make-minimizer.ts';
import { Objective } from '../src/optimize/objective.ts';
import { PICTURES, VGG } from './materials.ts';
import { OPTIMISATION_CONFIG, type OptimisationCase } from './optimisation-case.ts';
import { drawnLossNetwork } from './vgg-layers.ts';

const [precision] = process.argv.slice(2) as [Precision];

interface Prepared {
  readonly one: OptimisationCase;
  readonly objective: Objective;
  readonly start: Float32Array;
}

async function prepare(one: OptimisationCase, folder: string): Promise<Prepared> {
  const { tensors: pictures } = await readSafetensors(join(folder, PICTURES));
  const tensor = (name: string) => {
    const { values, shape } = pictures.get(name)!;
    const loaded: tf.Tensor = tf.tensor(values, [...shape]);
    return loaded as tf.Tensor4D;
  };
  const lossNetwork = new LossNetwork(drawnLossNetwork((await readSafetensors(join(folder, VGG))).tensors));
  const styles = [{ picture: tensor('painting'), weight: 1 }];
  const objective = await Objective.create(
    OPTIMISATION_CONFIG,
    { lossNetwork, content: tensor('photos'), styles },
    precision,
  );
  return { one, objective, start: Float32Array.from(pictures.get('start')!.values) };
}

let prepared: Prepared | undefined;
let minimizer: Minimizer<LossTerms> | undefined;
const values: number[] = [];

/** Goes on until a turn's evaluations are made: to the end of the iteration under way. */
function turn({ one, objective, start }: Prepared): void {
  const evaluate: Evaluate<LossTerms> = (point) => {
    const evaluation = objective.evaluate(point);
    values.push(evaluation.value);
    return evaluation;
  };
  const until = values.length + one.turn;
  minimizer ??= makeMinimizer(OPTIMISATION_CONFIG, evaluate, start);
  while (values.length < until) {
    const { stopped } = minimizer.step();
    if (stopped !== undefined) throw new Error(`it stopped after ${values.length} evaluations: ${stopped}`);
  }
}

async function answer(question: Record<string, unknown>): Promise<object> {
  switch (question.command) {
    case 'prepare':
      prepared = await prepare(question.case as OptimisationCase, question.folder as string);
      // The first runs compile and allocate.
      for (let i = 0; i < 3; i++) prepared.objective.evaluate(prepared.start);
      return {};
    case 'output': {
      const { value, gradient } = prepared!.objective.evaluate(prepared!.start);
      await writeFile(
        question.file as string,
        new Uint8Array(Float32Array.from([value, ...gradient]).buffer),
      );
      return {};
    }
    case 'run': {
      const before = values.length;
      const started = performance.now();
      turn(prepared!);
      return { ms: performance.now() - started, values: values.slice(before) };
    }
    default:
      throw new Error(`Unknown command ${question.command}`);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const reply = await answer(JSON.parse(line)).catch((error: Error) => ({ error: error.message }));
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
