import assert from 'node:assert/strict';
import test from 'node:test';
import { Guard } from '../../../src/train/guard/guard.ts';
import { painting, trainer } from '../tiny-trainer.ts';

test('the first steps of a phase are measured by the phase before', async () => {
  const of = await trainer();
  const recent: { total: number; content: number; style: number }[] = [];
  const watched = new Proxy(of, {
    get(target, key) {
      if (key === 'recent') return recent;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const guard = new Guard({ trainer: watched, photo: painting, painting, precision: 'f32' });
  const judge = (total: number, style: number, beginsPhase = false) => {
    if (beginsPhase) recent.length = 0;
    const losses = { total, content: 0.5, style, tv: 10, lattice: 0, contentLayers: {}, styleLayers: {} };
    recent.push(losses);
    const health = { gradientNorm: 1, weightNorm: 1 };
    return guard.judge({ step: 1, losses, health, learningRate: 1 });
  };
  for (let i = 0; i < 30; i++) assert.equal(judge(1, 0.1), undefined);
  assert.equal(judge(1000, 0.2, true), undefined, 'a term more may be a thousandfold');
  assert.equal(judge(900, 0.1), undefined);
  assert.equal(judge(1000, 90)?.kind, 'spike');
  guard.dispose();
  of.dispose();
});
