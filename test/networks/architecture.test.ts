import assert from 'node:assert/strict';
import test from 'node:test';
import { FULL_WIDTH, HALF_WIDTH, parseArchitecture } from '../../src/networks/architecture.ts';
import { transformNetParameters } from '../../src/networks/transform-net-parameters.ts';
import { ConfigError } from '../../src/system/errors.ts';

test("Johnson's architecture strings are read, with x or × for repeats and spaces between layers", () => {
  assert.deepEqual(parseArchitecture('c9s1-8, d16,R16x2,u8,c9s1-3'), [
    { kind: 'convolution', kernel: 9, channels: 8 },
    { kind: 'down', channels: 16 },
    { kind: 'residual', channels: 16 },
    { kind: 'residual', channels: 16 },
    { kind: 'up', channels: 8, enlargement: 'bilinear' },
    { kind: 'convolution', kernel: 9, channels: 3 },
  ]);
  assert.deepEqual(parseArchitecture(FULL_WIDTH.replace('x', '×')), parseArchitecture(FULL_WIDTH));
  assert.deepEqual(parseArchitecture('c1s1-3'), [{ kind: 'convolution', kernel: 1, channels: 3 }]);
  assert.deepEqual(parseArchitecture('d16, U2, c3s1-8, c9s1-3, linear'), [
    { kind: 'down', channels: 16 },
    { kind: 'up', channels: 8, enlargement: 'nearest' },
    { kind: 'convolution', kernel: 9, channels: 3, output: 'linear' },
  ]);
  assert.deepEqual(parseArchitecture('zero, d16, t8, c1s1-3, tanh150'), [
    { kind: 'down', channels: 16, border: 'zero' },
    { kind: 'up', channels: 8, enlargement: 'zeros', border: 'zero' },
    { kind: 'convolution', kernel: 1, channels: 3, border: 'zero', output: 'tanh150' },
  ]);
});

test('what is no architecture is refused with what was expected', () => {
  const cases: readonly (readonly [architecture: string, message: RegExp])[] = [
    ['', /received nothing/],
    ['c9s1-3,', /received nothing/],
    ['spoons', /layers like c9s1-32.* received spoons/],
    ['c9s2-32,c9s1-3', /received c9s2-32/],
    ['C9s1-3', /received C9s1-3/],
    ['c9s1-0,c9s1-3', /received c9s1-0/],
    ['c9s1-1025,c9s1-3', /received c9s1-1025/],
    ['c8s1-3', /an odd kernel of at most 15 pixels/],
    ['c17s1-3', /an odd kernel of at most 15 pixels/],
    ['d8x2,c9s1-3', /received d8x2/],
    ['c3s1-8,R8x0,c3s1-3', /1 to 64 residual blocks/],
    ['c3s1-8,R8x65,c3s1-3', /1 to 64 residual blocks/],
    ['d8,U2,u8,c9s1-3', /a 3×3 convolution such as c3s1-64 after U2 but received u8/],
    ['d8,U2,c5s1-8,c9s1-3', /after U2 but received c5s1-8/],
    ['d8,c9s1-3,U2', /as many u as d layers/],
    ['linear,c9s1-3', /received linear/],
    ['d8,zero,u8,c9s1-3', /received zero/],
    ['zero', /received nothing|ends in a convolution/],
    ['c9s1-16', /ends in a convolution to 3 channels/],
    ['c9s1-3,d3,u3', /ends in a convolution to 3 channels/],
    ['d8,c3s1-3', /as many u as d layers/],
    ['c3s1-8,R16,c3s1-3', /residual blocks of 8 channels, as wide as the layer before them but received R16/],
  ];
  for (const [architecture, message] of cases) {
    assert.throws(
      () => parseArchitecture(architecture),
      (error) => error instanceof ConfigError && message.test(error.message),
      architecture,
    );
  }
});

test('half the width is far fewer weights', () => {
  const weights = (architecture: string) =>
    transformNetParameters(parseArchitecture(architecture)).reduce(
      (sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1),
      0,
    );
  // By hand for c3s1-4,R4,c3s1-3: 27·4 + 2·4, twice 36·4 + 2·4, 36·3 + 3.
  assert.equal(weights('c3s1-4,R4,c3s1-3'), 116 + 2 * 152 + 111);
  assert.equal(Math.round((10 * weights(FULL_WIDTH)) / weights(HALF_WIDTH)), 40);
});

test('parameters have names, shapes and first values by kind of layer', () => {
  const specs = transformNetParameters(parseArchitecture('c3s1-4,R4,d6,u5,c9s1-3'));
  const described = specs.map(({ name, shape, mean, deviation }) => [name, shape.join('×'), mean, deviation]);
  const he = (fan: number) => Math.sqrt(2 / fan);
  const normalized = (name: string, shape: string, channels: number, fan: number, scale = 1) => [
    [`${name}.kernel`, shape, 0, he(fan)],
    [`${name}.scale`, `${channels}`, scale, 0],
    [`${name}.offset`, `${channels}`, 0, 0],
  ];
  assert.deepEqual(described, [
    ...normalized('layers.0', '3×3×3×4', 4, 27),
    ...normalized('layers.1.first', '3×3×4×4', 4, 36),
    ...normalized('layers.1.second', '3×3×4×4', 4, 36, 0), // a residual block starts as the identity
    ...normalized('layers.2', '3×3×4×6', 6, 36),
    ...normalized('layers.3', '3×3×6×5', 5, 54),
    ['layers.4.kernel', '9×9×5×3', 0, he(405)],
    ['layers.4.bias', '3', 0, 0],
  ]);
});

test('an architecture string cannot claim much memory: length, layers, enlargements are bounded', () => {
  const inner = (count: number) => `c9s1-8,${'c3s1-8,'.repeat(count - 2)}c9s1-3`;
  assert.equal(parseArchitecture(inner(100)).length, 100);
  assert.throws(
    () => parseArchitecture(inner(101)),
    /at most 100 layers in an architecture but received 101/,
  );
  assert.throws(() => parseArchitecture(inner(400_000)), /at most 1000 characters of architecture/);
  assert.throws(() => parseArchitecture(`c9s1-8,${'R8x64,'.repeat(50)}c9s1-3`), /at most 100 layers/);
  assert.equal(parseArchitecture('c3s1-4,u4,d4,c3s1-3').length, 4);
  for (const text of ['c3s1-4,u4,u4,d4,d4,c3s1-3', `c3s1-4,${'u4,'.repeat(20)}${'d4,'.repeat(20)}c3s1-3`])
    assert.throws(() => parseArchitecture(text), /shrinks the picture before it enlarges it/);
});
