/** What `doctor` looks at. Each check answers; none prints. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ffmpegProgram, oldFfmpeg } from '../data/ffmpeg-program.ts';
import { examineRuntime } from '../engine/runtime/examine-runtime.ts';
import {
  cardInWords,
  findCompiler,
  findPip,
  hasNvidiaGpu,
  installCommand,
  nvidiaCard,
} from '../engine/runtime/find-tools.ts';
import { planWheels } from '../engine/runtime/pinned-wheels.ts';
import { runProgram } from '../engine/runtime/run-program.ts';
import { cacheFolder } from '../system/cache-folder.ts';
import { ownCommand } from '../system/own-command.ts';
import { freeDisk } from '../system/scratch-file.ts';
import type { SettingValues } from '../system/settings.ts';
import type { DOCTOR_SETTINGS } from './settings.ts';

/** `fault` keeps fast-style from working; `warning` costs speed or one feature. */
export type CheckState = 'ok' | 'warning' | 'fault';

export interface Check {
  readonly name: string;
  readonly state: CheckState;
  readonly text: string;
  /** The one command that fixes it. */
  readonly remedy?: string;
  /** Measured values, for --json. */
  readonly values?: Readonly<Record<string, number | string>>;
}

const packageFolder = fileURLToPath(new URL('../..', import.meta.url));

/** All checks, one after the other in the order they are shown. @param full compares checksums, not only sizes. */
export async function* examineMachine({
  full,
}: SettingValues<typeof DOCTOR_SETTINGS>): AsyncGenerator<Check> {
  yield checkNode();
  yield await checkPackages();
  const runtime = await checkRuntime(full);
  yield runtime;
  const runs = runtime.state !== 'fault';
  yield await checkCompiler(runs);
  yield await checkPip(runs);
  if (runs) {
    yield await checkDevice(runtime.values?.device);
    yield await checkSpeed(runtime.values?.device);
  }
  yield await checkFfmpeg();
  yield checkMemory();
  yield checkDisk();
  yield checkCheckpoints();
}

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const text = `${process.versions.node} on ${process.platform} ${process.arch}, ${cpus().length} × ${cpus()[0]?.model ?? 'an unknown processor'}`;
  const isOld = major < 20 || (major === 20 && minor < 19) || (major === 22 && minor < 12);
  if (!isOld) return { name: 'Node', state: 'ok', text };
  const remedy = `npx node@22 ${process.argv[1] ?? 'dist/cli.js'} doctor`;
  return { name: 'Node', state: 'fault', text: `${text}; 20.19, 22.12 or newer is needed`, remedy };
}

async function checkPackages(): Promise<Check> {
  const name = 'npm packages';
  const wanted = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const wrong = Object.entries(wanted.dependencies).flatMap(([dependency, version]) => {
    const found = installedVersion(dependency);
    return found === version
      ? []
      : [`${dependency} ${version} is ${found === undefined ? 'missing' : found}`];
  });
  // The one package of these with a binary per platform: a folder copied from another machine lacks it.
  const sharp = await runProgram(process.execPath, ['-e', 'require(process.argv[1])', 'sharp'], {
    cwd: packageFolder,
  });
  if (sharp.code !== 0 && wrong.length === 0) wrong.push('sharp has no binary for this platform');
  if (wrong.length > 0) return { name, state: 'fault', text: wrong.join(', '), remedy: 'npm ci' };
  return { name, state: 'ok', text: `${Object.keys(wanted.dependencies).length}, as locked` };
}

function installedVersion(dependency: string): string | undefined {
  const require = createRequire(import.meta.url);
  for (const folder of require.resolve.paths(dependency) ?? []) {
    const path = join(folder, dependency, 'package.json');
    if (existsSync(path)) return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
  }
  return undefined;
}

async function checkRuntime(full: boolean): Promise<Check> {
  const name = 'TensorFlow';
  const { fault, tensorflow, origin, source, device, repair, files, filesHashed } =
    await examineRuntime(full);
  if (fault !== undefined) {
    const remedy = process.env.FAST_STYLE_BINDING
      ? `unset FAST_STYLE_BINDING && ${ownCommand('setup')}`
      : ownCommand(repair ?? 'setup');
    return { name, state: 'fault', text: fault, remedy };
  }
  const checked = filesHashed > 0 ? `${filesHashed} checksums right` : `${files} files of the right size`;
  return {
    name,
    state: 'ok',
    text: `${tensorflow}, ${origin}${source === 'override' ? '' : `; ${checked}`}`,
    values: { tensorflow: tensorflow ?? '', source: source ?? '', device: device ?? '' },
  };
}

async function checkCompiler(runtimeRuns: boolean): Promise<Check> {
  const compiler = await findCompiler();
  return tool('C++ compiler', compiler?.version, runtimeRuns, installCommand({ compiler: true }));
}

async function checkPip(runtimeRuns: boolean): Promise<Check> {
  const pip = await findPip();
  const text = pip && `${pip.version} (${[pip.program, ...pip.args].join(' ')})`;
  return tool('pip', text, runtimeRuns, installCommand({ pip: true }));
}

/** A tool that only set-up needs: its lack is nothing to fix once the runtime runs. */
function tool(name: string, found: string | undefined, runtimeRuns: boolean, remedy: string): Check {
  if (found !== undefined) return { name, state: 'ok', text: found };
  if (runtimeRuns) return { name, state: 'ok', text: 'none; only needed to set TensorFlow up again' };
  return { name, state: 'warning', text: 'none; setting TensorFlow up needs it', remedy };
}

async function checkDevice(device: string | number | undefined): Promise<Check> {
  if (device === 'CPU' && planWheels('gpu') && (await hasNvidiaGpu())) {
    const text = 'CPU, although there is an NVIDIA GPU';
    return { name: 'device', state: 'warning', text, remedy: ownCommand('setup --gpu') };
  }
  const card = device === 'GPU' ? await nvidiaCard() : undefined;
  if (!card) return { name: 'device', state: 'ok', text: String(device) };
  const { memory } = card;
  const values = memory && { cardBytes: memory.total, freeCardBytes: memory.free };
  return { name: 'device', state: 'ok', text: `GPU: ${cardInWords(card)}`, ...(values && { values }) };
}

async function checkSpeed(device: string | number | undefined): Promise<Check> {
  const { measureConvolution } = await import('../engine/measure-convolution.ts');
  const { bfloat16Units } = await import('../engine/bfloat16-units.ts');
  const units = bfloat16Units();
  const isConsidered = device === 'GPU' || units.present;
  const { f32, bf16 } = measureConvolution(isConsidered);
  const name = 'convolution';
  const inF32 = `${Math.round(f32)} GFLOP/s in f32`;
  const values = { f32GigaflopsPerSecond: f32 };
  if (!isConsidered) {
    const text = `${inF32}; the processor has no units for bf16 (${units.evidence})`;
    return { name, state: 'ok', text, values };
  }
  if (bf16 === undefined) return { name, state: 'ok', text: `${inF32}; bf16 does not run here`, values };
  const text = `${inF32}, ${Math.round(bf16)} in bf16 (${(bf16 / f32).toFixed(1)} times as fast)`;
  return { name, state: 'ok', text, values: { ...values, bf16GigaflopsPerSecond: bf16 } };
}

async function checkFfmpeg(): Promise<Check> {
  const { code, stdout } = await runProgram(ffmpegProgram(), ['-version']);
  const version = code === 0 ? /^ffmpeg version (\S+)/.exec(stdout)?.[1] : undefined;
  const old = oldFfmpeg(stdout);
  if (old !== undefined)
    return { name: 'ffmpeg', state: 'warning', text: old, remedy: 'FAST_STYLE_FFMPEG=<a newer ffmpeg>' };
  if (version !== undefined) return { name: 'ffmpeg', state: 'ok', text: version };
  const text = 'none; only videos need it';
  return { name: 'ffmpeg', state: 'warning', text, remedy: installCommand({ ffmpeg: true }) };
}

function checkMemory(): Check {
  const total = totalmem();
  const values = { totalBytes: total, availableBytes: process.availableMemory() };
  const text = `${gigabytes(total)}, ${gigabytes(values.availableBytes)} of it available`;
  if (total >= 4e9) return { name: 'memory', state: 'ok', text, values };
  return { name: 'memory', state: 'warning', text: `${text}; large photos and training may not fit`, values };
}

function checkDisk(): Check {
  const cache = cacheFolder();
  const values = { cacheFolder: cache, freeBytes: freeDisk(cache) };
  const text = `${gigabytes(values.freeBytes)} free at ${cache}`;
  if (values.freeBytes >= 2e9) return { name: 'disk', state: 'ok', text, values };
  const remedy = `FAST_STYLE_CACHE=<folder on another disk> ${ownCommand('setup')}`;
  return { name: 'disk', state: 'warning', text, remedy, values };
}

function checkCheckpoints(): Check {
  const folder = join(packageFolder, 'checkpoints');
  const names = (existsSync(folder) ? readdirSync(folder) : []).filter((name) =>
    name.endsWith('.safetensors'),
  );
  const text = names.map((name) => name.replace(/\.safetensors$/, '')).join(', ');
  if (names.length > 0) return { name: 'styles', state: 'ok', text };
  return {
    name: 'styles',
    state: 'warning',
    text: `none in ${folder}`,
    remedy: 'git checkout HEAD -- checkpoints',
  };
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
