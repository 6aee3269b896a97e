import { fileURLToPath } from 'node:url';
import { contactSheet, type SheetCell } from '../src/data/contact-sheet.ts';
import { encodePicture } from '../src/data/image-file.ts';
import { writeFileAtomically } from '../src/system/atomic-file.ts';

/** Writes a contact sheet into docs/pictures, in the best quality that takes `mostBytes` at most. */
export async function writeDocsSheet(
  name: string,
  rows: readonly (readonly (SheetCell | undefined)[])[],
  { side, mostBytes }: { readonly side: number; readonly mostBytes: number },
): Promise<void> {
  const picture = await contactSheet(rows, { side, fontSize: 12, gap: 6 });
  const path = fileURLToPath(new URL(`../docs/pictures/${name}`, import.meta.url));
  for (let quality = 88; ; quality -= 4) {
    const bytes = await encodePicture(picture, 'jpeg', quality);
    if (bytes.length > mostBytes && quality > 30) continue;
    await writeFileAtomically(path, bytes, { overwrite: true });
    console.log(`docs/pictures/${name}: ${picture.width}×${picture.height}, ${bytes.length} bytes`);
    return;
  }
}
