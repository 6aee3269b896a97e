/** Text for an SVG file: what XML reserves is written as entities, what it forbids is left out. */
export function escapeXml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: just these are not allowed in XML.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '')
      .replace(/[<>&"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
  );
}
