/** Libraries that a compiler made, and a program that prints what their names mean to it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { bindOwnSymbols } from '../../../src/engine/runtime/bind-own-symbols.ts';
import { findCompiler } from '../../../src/engine/runtime/find-tools.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const SOURCES = {
  // One count in both libraries, as in any program: the first library's.
  'counter.h': `
struct Counter {
  static int& count() { static int counted = 0; return counted; }
  virtual int id() const { return 3; }
  virtual ~Counter() {}
};`,
  'first.cpp': `
#include "counter.h"
extern "C" int replaced() { return 1; }
int (*const table[])() = {replaced};
namespace own { int value = 40; int* place = &value; }
extern "C" int first() { Counter* counter = new Counter; int id = counter->id(); delete counter; ++Counter::count(); return *own::place + id - 1; }
extern "C" int through_table() { return table[0](); }`,
  'second.cpp': `
#include "counter.h"
namespace other { int value = 5; int* place = &value; }
extern "C" int second() { ++*other::place; return 100 * ++Counter::count() + other::value; }`,
  // It replaces a function of C, as programs do with malloc.
  'program.cpp': `
#include <cstdio>
extern "C" int replaced() { return 2; }
extern "C" int first(); extern "C" int second(); extern "C" int through_table();
int main() { int one = first(); std::printf("%d %d %d", one, second(), through_table()); }`,
};

const isLinux = process.platform === 'linux' && process.arch === 'x64';
const compiler = await findCompiler();
const skip = !isLinux ? 'only libraries for Linux on x86-64 are changed' : !compiler && 'no C++ compiler';

/** Two libraries in the order in which the program's loader looks through them. */
async function compiled(t: TestContext) {
  const folder = await temporaryFolder(t);
  for (const [name, text] of Object.entries(SOURCES)) writeFileSync(join(folder, name), text);
  const compile = (...args: readonly string[]) =>
    execFileSync(compiler!.program, [...compiler!.args, ...args], { cwd: folder });
  // As clang does: what there is once in a process is weak, and what libraries look up by name.
  const shared = ['-O2', '-shared', '-fPIC', ...(/clang/.test(compiler!.version) ? [] : ['-fno-gnu-unique'])];
  compile(...shared, '-o', 'libfirst.so', 'first.cpp');
  compile(...shared, '-o', 'libsecond.so', 'second.cpp');
  compile('-rdynamic', '-o', 'program', 'program.cpp', '-L.', '-lfirst', '-lsecond', '-Wl,-rpath,$ORIGIN');
  return {
    paths: ['libfirst.so', 'libsecond.so'].map((name) => join(folder, name)),
    said: () => execFileSync(join(folder, 'program'), { encoding: 'utf8' }),
  };
}

test('names mean what they meant, with fewer of them looked up', { skip }, async (t) => {
  const { paths, said } = await compiled(t);
  const before = paths.map((path) => readFileSync(path));
  assert.equal(said(), '42 206 2');
  assert.ok(bindOwnSymbols(paths) > 0);
  paths.forEach((path, i) => {
    const now = readFileSync(path);
    assert.equal(now.length, before[i]!.length);
    assert.ok(!now.equals(before[i]!), `${path} is as it was`);
  });
  assert.equal(said(), '42 206 2');
  assert.equal(bindOwnSymbols(paths), 0, 'what is bound is bound');
});

test('each library for itself would have a count of its own', { skip }, async (t) => {
  const { paths, said } = await compiled(t);
  for (const path of paths) bindOwnSymbols([path]);
  assert.equal(said(), '42 106 2');
});

test('what is no such library stays as it is', async (t) => {
  const folder = await temporaryFolder(t);
  const contents = {
    text: 'library '.repeat(1000),
    empty: '',
    // ELF, of 32 bits, and of another machine.
    small: Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 1, 1]), Buffer.alloc(200)]),
    other: Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]), Buffer.alloc(200, 183)]),
  };
  for (const [name, content] of Object.entries(contents)) {
    const path = join(folder, name);
    writeFileSync(path, content);
    assert.equal(bindOwnSymbols([path]), 0);
    assert.deepEqual(readFileSync(path), Buffer.from(content));
  }
});
