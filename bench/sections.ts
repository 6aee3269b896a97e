/** The page of results as sections that come and go on their own: a run replaces those that it has measured. */

/** A section's name and its text below the heading. */
export type Sections = ReadonlyMap<string, string>;

const HEADING = /^## (.+)$/gm;
/** How a section says what was aimed at; `formatPage` gathers these lines. */
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
 * The page: preamble, a table of all targets, then the sections, those in `order` first.
 */
export function formatPage(sections: Sections, order: readonly string[], preamble: string): string {
  const names = [
    ...order.filter((name) => sections.has(name)),
    ...[...sections.keys()].filter((name) => !order.includes(name)),
  ];
  const rows = names.flatMap((name) =>
    [...(sections.get(name) ?? '').matchAll(TARGET)].map(
      ([, what, measured, verdict]) => `| ${name} | ${what} | ${measured} | ${verdict} |`,
    ),
  );
  const targets = ['| Section | Target | Measured | |', '|---|---|---:|---|', ...rows];
  const missing = order.filter((name) => !sections.has(name));
  return [
    '# Performance',
    '',
    preamble.trim(),
    '',
    '## Targets',
    '',
    ...(rows.length > 0 ? targets : ['None measured yet.']),
    ...(missing.length > 0 ? ['', `Not measured yet: ${missing.join(', ')}.`] : []),
    '',
    ...names.flatMap((name) => [`## ${name}`, '', sections.get(name) ?? '', '']),
  ].join('\n');
}
