/** The page of results as sections that come and go on their own: a run replaces those that it has measured. */

/** A section's name and its text below the heading. */
export type Sections = ReadonlyMap<string, string>;

const HEADING = /^## (.+)$/gm;
/** How a section says what was aimed at; `formatPage` counts these lines. */
const TARGET = /^- Target: (.+?): (.+), (reached|not reached|not measured)\.$/gm;

/** A line of a section that says what was aimed at and what was found. */
export function targetLine(what: string, measured: string, verdict: string): string {
  return `- Target: ${what}: ${measured}, ${verdict}.`;
}

/** The sections of a page as `formatPage` writes it. */
export function parsePage(page: string): Sections {
  const headings = [...page.matchAll(HEADING)];
  return new Map(
    headings.flatMap(({ 0: line, 1: name = '', index }, i) => {
      const text = page.slice(index + line.length, headings[i + 1]?.index).trim();
      return name === 'Targets' ? [] : [[name, text] as const];
    }),
  );
}

/**
 * The page: preamble, how many targets are reached and which are not, then the sections, those in `order` first.
 */
export function formatPage(
  sections: Sections,
  order: readonly string[],
  preamble: string,
  title = 'Performance',
): string {
  const names = [
    ...order.filter((name) => sections.has(name)),
    ...[...sections.keys()].filter((name) => !order.includes(name)),
  ];
  const targets = names.flatMap((name) =>
    [...(sections.get(name) ?? '').matchAll(TARGET)].map(([, what, measured, verdict]) => ({
      text: `${name}, ${what} (${measured})`,
      verdict,
    })),
  );
  const others = (verdict: string) => {
    const found = targets.filter((target) => target.verdict === verdict);
    return found.map(({ text }) => `- ${verdict}: ${text}`);
  };
  const reached = targets.filter(({ verdict }) => verdict === 'reached').length;
  const list = [...others('not reached'), ...others('not measured')];
  const summary = [`${reached} of ${targets.length} are reached${list.length > 0 ? ', but' : '.'}`];
  const missing = order.filter((name) => !sections.has(name));
  return [
    `# ${title}`,
    '',
    preamble.trim(),
    '',
    '## Targets',
    '',
    ...(targets.length > 0 ? summary : ['None measured yet.']),
    ...(list.length > 0 ? ['', ...list] : []),
    ...(missing.length > 0 ? ['', `Not measured yet: ${missing.join(', ')}.`] : []),
    '',
    ...names.flatMap((name) => [`## ${name}`, '', sections.get(name) ?? '', '']),
  ].join('\n');
}
