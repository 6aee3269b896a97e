/** ICC profiles: the one of sRGB, and others as files, which is how libvips takes them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asFileError } from '../system/atomic-file.ts';
import { scratchFolder } from '../system/scratch-file.ts';
import { sharp } from './sharp.ts';

let known: Promise<Uint8Array> | undefined;

/** The sRGB profile that libvips brings along. */
export function srgbProfile(): Promise<Uint8Array> {
  known ??= (async () => {
    const pixel = sharp({ create: { width: 1, height: 1, channels: 3, background: '#ffffff' } });
    const tagged = await pixel.withIccProfile('srgb').png().toBuffer();
    const { icc } = await sharp(tagged).metadata();
    if (icc === undefined) throw new Error('libvips gives no sRGB profile.');
    return icc;
  })();
  return known;
}

/** Whether a profile calls itself one of sRGB; its name is in it in ASCII or UTF-16. */
export function isSrgbProfile(profile: Uint8Array): boolean {
  const bytes = Buffer.from(profile.buffer, profile.byteOffset, profile.length);
  return bytes.includes('sRGB', 128, 'latin1') || bytes.includes(Buffer.from('s\0R\0G\0B', 'latin1'), 128);
}

/** Colours that a profile is for (ICC.1:2022, §7.2.6). */
export function profileSpace(profile: Uint8Array): 'rgb' | 'grey' | 'cmyk' | 'other' {
  const named = Buffer.from(profile.buffer, profile.byteOffset, profile.length).toString('latin1', 16, 20);
  return ({ 'RGB ': 'rgb', GRAY: 'grey', CMYK: 'cmyk' } as const)[named] ?? 'other';
}

/** Lends a profile as a file for the time of some work. @throws {FileError} no room for it. */
export async function withProfileFile<T>(
  profile: Uint8Array,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(scratchFolder(), 'fast-style-profile-')).catch((error: unknown) => {
    throw asFileError(error, 'make a temporary folder');
  });
  try {
    const path = join(folder, 'photo.icc');
    await writeFile(path, profile).catch((error: unknown) => {
      throw asFileError(error, `write ${path}`);
    });
    return await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
