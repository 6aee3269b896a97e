/**
 * The programs of assembly/, compiled into sources as base64: they are few kilobytes, and so are there wherever the sources or what is
 * compiled of them run, with nothing to find or to build.
 *
 *     node --import tsx tools/assembly.ts           writes them
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Entry in assembly/, and the source that holds the program. */
export const PROGRAMS = [
  { entry: 'assembly/motion/index.ts', to: 'src/motion/flow-program.ts', name: 'FLOW_PROGRAM' },
  { entry: 'assembly/steady/index.ts', to: 'src/video/steady/blend-program.ts', name: 'BLEND_PROGRAM' },
] as const;

/** The text of a source that holds a program. @throws {Error} what the compiler complains of. */
export async function programSource({ entry, name }: (typeof PROGRAMS)[number]): Promise<string> {
  let program: Uint8Array | undefined;
  const options = ['-O3', '--runtime', 'stub', '--enable', 'simd', '--baseDir', root, '--outFile', 'program'];
  const { error, stderr } = await asc.main([entry, ...options], {
    writeFile: (_, contents) => {
      program = contents as Uint8Array;
    },
  });
  if (error !== null || program === undefined) throw new Error(`${entry}: ${stderr}`);
  const text = Buffer.from(program).toString('base64');
  return `/** Compiled from ${entry} by tools/assembly.ts. */\nexport const ${name} =\n  '${text}';\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const program of PROGRAMS) writeFileSync(`${root}${program.to}`, await programSource(program));
