/** The report of a comparison: its files, and what is shown of each photo on the sheet. */
import { join } from 'node:path';
import type { ComparisonRound, NamedParity, ParityReport } from '../compare/figures.ts';
import { parityJson, parityMarkdown, STEPS } from '../compare/parity-report.ts';
import { contactSheet, fitted, type SheetCell } from '../data/contact-sheet.ts';
import { writePicture } from '../data/image-file.ts';
import type { Picture, PictureSize } from '../picture.ts';
import { writeFileAtomically } from '../system/atomic-file.ts';

/** Side of a picture on the contact sheet, px. */
const CELL = 224;

/** Files of a report. */
export interface ReportFiles {
  readonly report: string;
  readonly figures: string;
  readonly sheet: string;
}

export const REPORT_NAMES: ReportFiles = {
  report: 'report.md',
  figures: 'report.json',
  sheet: 'sheet.jpg',
};

export function reportIn(folder: string): ReportFiles {
  const { report, figures, sheet } = REPORT_NAMES;
  return { report: join(folder, report), figures: join(folder, figures), sheet: join(folder, sheet) };
}

/** The pictures of a photo as the sheet shows them, in its order: the photo, the network's, each milestone's. All are of one size. */
export function shownPictures({ photo, network, milestones }: NamedParity): Promise<Picture[]> {
  return Promise.all([photo, network, ...milestones].map(({ picture }) => fitted(picture, CELL)));
}

/** A photo's row on the sheet. @param shown by `shownPictures`. */
export function sheetRow(
  { size, lineSearch }: ComparisonRound,
  { photo, network, milestones }: NamedParity<PictureSize>,
  shown: readonly Picture[],
): SheetCell[] {
  const captions = [
    `${size} px, the photo: ${photo.total.toPrecision(3)}`,
    `network: ${network.total.toPrecision(3)}`,
    ...milestones.map(
      ({ iterations, total }) => `${iterations} it., ${STEPS[lineSearch]}: ${total.toPrecision(3)}`,
    ),
  ];
  return captions.map((caption, i) => ({ picture: shown[i]!, caption }));
}

/** Throws as `writeFileAtomically`. @param rows of the sheet. */
export async function writeComparison(
  report: ParityReport<PictureSize>,
  rows: readonly (readonly SheetCell[])[],
  files: ReportFiles,
  overwrite: boolean,
): Promise<void> {
  await writeFileAtomically(files.report, parityMarkdown(report), { overwrite });
  await writeFileAtomically(files.figures, parityJson(report), { overwrite });
  await writePicture(files.sheet, await contactSheet(rows, { side: CELL, fontSize: 12 }), { overwrite });
}
