/** Small photos of every kind, as seeds for damage. */
import sharp from 'sharp';
import { heicFile, rotation } from '../../helpers/heic-file.ts';
import { drawnPicture } from '../../helpers/tiny-dataset.ts';

const XMP =
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
  '<rdf:Description tiff:Orientation="6" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"/></rdf:RDF></x:xmpmeta>';

/** A directory of one field: orientation 6. */
const EXIF = Buffer.from('II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0', 'latin1');

export async function soundPhotos(): Promise<ReadonlyMap<string, Buffer>> {
  const { pixels, width, height } = drawnPicture(24, 20);
  const picture = () => sharp(pixels, { raw: { width, height, channels: 3 } });
  const tagged = () =>
    picture()
      .withMetadata({ orientation: 6, density: 300 })
      .withExifMerge({ IFD0: { Make: 'Maker', Artist: 'Somebody' }, IFD3: { GPSLatitudeRef: 'N' } })
      .withXmp(XMP);
  const frames = Buffer.concat([1, 2, 3].map((seed) => drawnPicture(16, 16, seed).pixels));
  const animation = () => sharp(frames, { raw: { width: 16, height: 48, channels: 3, pageHeight: 16 } });
  const kinds = {
    'tagged.jpg': tagged().withIccProfile('p3').jpeg(),
    'progressive.jpg': picture().jpeg({ progressive: true }),
    'cmyk.jpg': picture().toColourspace('cmyk').jpeg(),
    'tagged.png': tagged().withIccProfile('p3').png(),
    'deep-alpha.png': picture().toColourspace('rgb16').ensureAlpha(0.5).png(),
    'interlaced.png': picture().png({ progressive: true }),
    'palette.png': picture().png({ palette: true, colours: 8 }),
    'tagged.tif': tagged().tiff({ compression: 'deflate' }),
    'deep.tif': picture().toColourspace('rgb16').tiff({ compression: 'lzw' }),
    'still.gif': picture().gif(),
    'moving.gif': animation().gif({ delay: [100, 50, 70], loop: 2 }),
    'tagged.webp': tagged().webp(),
    'moving.webp': animation().webp({ delay: [100, 50, 70], loop: 2 }),
    'tagged.avif': tagged().avif({ effort: 0 }),
  };
  const made = new Map<string, Buffer>();
  for (const [name, one] of Object.entries(kinds)) made.set(name, await one.toBuffer());
  made.set('tagged.heic', heicFile({ exif: EXIF, xmp: XMP, alpha: true, properties: [rotation(1)] }));
  return made;
}
