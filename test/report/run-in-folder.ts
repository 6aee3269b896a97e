import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePicture } from '../../src/data/image-file.ts';
import { reportPicture } from '../../src/report/preview-pictures.ts';
import { writeRunDescription } from '../../src/report/run-description.ts';
import { appendToLog, LOG, previewFile } from '../../src/train/run/run-folder.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';

/** What would run if any text of the run were taken for markup. */
export const HOSTILE = `"><img src=x onerror="alert(1)"><script>alert('2')</script>&amp;`;
const config = { styleWeight: 4, contentWeight: 1, tvWeight: 5e-5, steps: 1000, batch: 2, imageSize: 64 };
const time = (step: number) => new Date(Date.UTC(2026, 0, 1) + step * 1000).toISOString();

/** A run's folder as training leaves it: a roll-back, a resume, two legs, previews, and a line that is damaged. */
export async function writeRun(folder: string): Promise<void> {
  await mkdir(join(folder, 'previews'), { recursive: true });
  const losses = (step: number) =>
    appendToLog(folder, {
      step,
      total: 8 / step + 1,
      content: 4 / step,
      style: 1 / step + 0.2,
      tv: 400,
      contentLayers: { relu4_2: 4 / step },
      styleLayers: { relu1_1: 0.5 / step, [HOSTILE]: 1 / step },
      learningRate: 1e-3,
      imagesPerSecond: 20,
      memory: 5e8,
      time: time(step),
    });
  for (const step of [50, 100, 150, 200]) await losses(step);
  await appendToLog(folder, {
    step: 220,
    event: 'rolled back',
    to: 100,
    reason: HOSTILE,
    learningRateFactor: 0.5,
    time: time(220),
  });
  for (const step of [150, 200, 250]) await losses(step);
  await writeFile(join(folder, LOG), '{"step": 260, "total": \n[]\nnull\n{"step": "5"}\n', { flag: 'a' });
  await appendToLog(folder, { step: 250, event: 'resumed', time: time(260) });
  for (const step of [300, 350, 400]) await losses(step);
  for (const [photo, seed] of [
    ['harbour', 1],
    [HOSTILE.replaceAll('/', ''), 2],
  ] as const)
    for (const step of [100, 200, 300, 400]) {
      const painted = await encodePicture(drawnPicture(90, 60, seed * 1000 + step), 'jpeg');
      await writeFile(join(folder, previewFile(photo, step)), painted);
    }
  // As a checkpoint tells it; a report asks no more of it than how many photos there were.
  const history = { legs: [{ from: { name: 'wave', images: 7000 } }] };
  await writeRunDescription(folder, {
    name: `wave ${HOSTILE}`,
    style: { file: 'wave.jpg', title: HOSTILE },
    config,
    legs: [
      {
        step: 0,
        images: 0,
        config: { ...config, imageSize: 32, styleWeight: 2 },
        from: { name: `iris ${HOSTILE}`, images: 135, ...history },
      },
      { step: 250, images: 500, config },
    ],
    precision: 'f32',
    photos: 12,
    lossNetwork: { source: HOSTILE },
    software: { node: '20' },
    command: `npx --no-install fast-style train --title '${HOSTILE}' --resume`,
    painting: await reportPicture(drawnPicture(600, 400, 7)),
    originals: [{ name: 'harbour', picture: await reportPicture(drawnPicture(90, 60, 8)) }],
  });
}

/** The numbers that a page holds for its script. */
export function pageData(page: string) {
  const [, text = ''] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page) ?? [];
  return JSON.parse(text) as {
    readonly isRunning: boolean;
    readonly steps: readonly number[];
    readonly charts: readonly {
      readonly id: string;
      readonly curves: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
    }[];
    readonly marks: readonly { readonly step: number; readonly text: string }[];
    readonly photos: readonly { readonly frames: readonly { readonly step: number }[] }[];
  };
}
