/** The styles that a call names, loaded, each once. */
import { type OpenedStyle, openStyle } from '../infer/open-style.ts';
import { ConfigError, expected } from '../system/errors.ts';

/**
 * Reads the styles named, or the one mixture; of two of one name, the second has a number.
 *
 * @returns labels are names as they are in files' names. @throws {CheckpointError} there is no such style, or it cannot be used.
 * {ConfigError} none is named, one twice, or several with --blend.
 */
export async function openStyles(
  styles: readonly string[],
  blend: string | undefined,
): Promise<readonly OpenedStyle[]> {
  const twice = styles.find((style, i) => styles.indexOf(style) !== i);
  if (twice !== undefined) throw new ConfigError(expected('each style once', `${twice} twice`));
  if (styles.length > 1 && blend !== undefined)
    throw new ConfigError(expected('one --style with --blend', styles.length));
  const opened: OpenedStyle[] = [];
  for (const style of styles.length === 0 ? [undefined] : styles) {
    const { checkpoint, label: name } = await openStyle(style, blend);
    const plain = name.replace(/[\\/:*?"<>|]/g, '-');
    let label = plain;
    for (let number = 2; opened.some((one) => one.label === label); number++) label = `${plain}-${number}`;
    opened.push({ checkpoint, label });
  }
  return opened;
}
