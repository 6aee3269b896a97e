/** A name out of a file as it may stand in a one-line message: control characters escaped, cut at 100 characters. */
export function printable(name: unknown): string {
  const text = JSON.stringify(String(name)).slice(1, -1);
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
