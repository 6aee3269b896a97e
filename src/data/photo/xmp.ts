/** XMP (ISO 16684-1) of a painted picture: what it says of parts of the photo's file that are not copied is taken out. */

/** Namespaces of what is left out, and which names of each; all where none are named. */
const LEFT_BEHIND: readonly (readonly [uri: string, names?: RegExp])[] = [
  // Motion photos (Google, 'Motion Photo format 1.0') and what came before them.
  ['http://ns.google.com/photos/1.0/camera/', /^(MotionPhoto|MicroVideo)/],
  // Lists of files within the file, and what they are.
  ['http://ns.google.com/photos/1.0/container/'],
  ['http://ns.google.com/photos/1.0/container/item/'],
  // Gain maps.
  ['http://ns.adobe.com/hdr-gain-map/1.0/'],
  ['http://ns.apple.com/HDRGainMap/1.0/'],
  // Pictures, depths and sounds as text, mostly in the second packet, which is not read.
  ['http://ns.google.com/photos/1.0/image/'],
  ['http://ns.google.com/photos/1.0/audio/'],
  ['http://ns.google.com/photos/1.0/depthmap/'],
  ['http://ns.google.com/photos/dd/1.0/device/'],
  ['http://ns.adobe.com/xmp/note/', /^HasExtendedXMP$/],
];
/** Prefixes where the packet does not say what they stand for. */
const USUAL: readonly (readonly [prefix: string, uri: string])[] = [
  ['GCamera', 'http://ns.google.com/photos/1.0/camera/'],
  ['Container', 'http://ns.google.com/photos/1.0/container/'],
  ['hdrgm', 'http://ns.adobe.com/hdr-gain-map/1.0/'],
];

/** With the orientation upright, without small previews and what is left out; undefined where it is no XMP. */
export function paintedXmp(block: Uint8Array): string | undefined {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(block).replace(/\0+$/, '');
  } catch {
    return undefined;
  }
  const [from, to] = [text.search(/<(\w+:)?RDF[\s>]/), text.lastIndexOf('RDF>')];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML may not hold
  if (from < 0 || to < from || /[\0-\x08\x0b\x0c\x0e-\x1f]/.test(text)) return undefined;
  const upright = text
    .replace(/(\btiff:Orientation\s{0,9}=\s{0,9}["'])\d+/g, '$11')
    .replace(/(<tiff:Orientation>\s{0,9})\d+/g, '$11');
  const isPreview = (name: string) => name === 'xmp:Thumbnails' || name === 'xap:Thumbnails';
  const isBehind = leftBehind(text);
  return without(upright, (name) => isPreview(name) || isBehind(name));
}

/** Recognises names of what is left out, by the prefixes that the packet has for their namespaces. */
function leftBehind(text: string): (name: string) => boolean {
  const rules = new Map<string, RegExp | undefined>();
  const add = (prefix: string, uri: string) => {
    const rule = LEFT_BEHIND.find(([one]) => one === uri);
    if (rule !== undefined) rules.set(prefix, rule[1]);
  };
  for (const [prefix, uri] of USUAL) add(prefix, uri);
  for (const [, prefix, , uri] of text.matchAll(
    /\bxmlns:([\w.-]{1,64})\s{0,9}=\s{0,9}(["'])([^"'<]{0,200})\2/g,
  ))
    add(prefix!, uri!);
  return (name) => {
    const [prefix, local] = name.split(':', 2);
    if (local === undefined || !rules.has(prefix!)) return false;
    return rules.get(prefix!)?.test(local) ?? true;
  };
}

/**
 * Without the elements and attributes that `isLeft` names; undefined where something does not end. One pass: patterns over the whole
 * text take the square of its length.
 */
function without(text: string, isLeft: (name: string) => boolean): string | undefined {
  const kept: string[] = [];
  let at = 0;
  for (;;) {
    const open = text.indexOf('<', at);
    if (open < 0) return kept.join('') + text.slice(at);
    kept.push(text.slice(at, open));
    const close = tagEnd(text, open);
    if (close < 0) return undefined;
    const tag = text.slice(open, close);
    const name = /^<([\w.:-]{1,200})/.exec(tag)?.[1];
    at = close;
    if (name === undefined) kept.push(tag);
    else if (!isLeft(name)) kept.push(withoutAttributes(tag, isLeft));
    else if (!tag.endsWith('/>')) {
      const end = text.indexOf(`</${name}>`, close);
      if (end < 0) return undefined;
      at = end + name.length + 3;
    }
  }
}

const ASIDE: readonly (readonly [open: string, close: string])[] = [
  ['<!--', '-->'],
  ['<?', '?>'],
  ['<![CDATA[', ']]>'],
];

/** After a tag, comment or the like that begins at a place; -1 where it does not end. Values may hold '>'. */
function tagEnd(text: string, open: number): number {
  for (const [begin, end] of ASIDE) {
    if (!text.startsWith(begin, open)) continue;
    const at = text.indexOf(end, open + begin.length);
    return at < 0 ? -1 : at + end.length;
  }
  for (let i = open + 1, quote = ''; i < text.length; i++) {
    const letter = text[i]!;
    if (quote !== '') {
      if (letter === quote) quote = '';
    } else if (letter === '>') return i + 1;
    else if (letter === '"' || letter === "'") quote = letter;
  }
  return -1;
}

function withoutAttributes(tag: string, isLeft: (name: string) => boolean): string {
  return tag.replace(
    /\s([\w.-]{1,64}:[\w.-]{1,64})\s{0,9}=\s{0,9}("[^"]*"|'[^']*')/g,
    (whole, name: string) => (isLeft(name) ? '' : whole),
  );
}
