import { decodeFrames, encodeAnimation, frameOf, framesBytes, setFrame } from '../data/photo/animation.ts';
import { fillTransparent } from '../data/photo/colour-rows.ts';
import type { Photo } from '../data/photo/read-photo.ts';
import type { PhotoOutput } from '../data/photo/write-photo.ts';
import type { MemoryPlan } from '../infer/bands/memory-plan.ts';
import { requireMemory } from '../infer/choose-plan.ts';
import type { PhotoPainter } from '../infer/finish/look-painter.ts';

export interface FramesOptions {
  /** Bytes that the process may take in all. */
  readonly budget: number;
  /** For one frame. */
  readonly plans: readonly MemoryPlan[];
  readonly encode: (write: (path: string) => Promise<void>) => Promise<void>;
  readonly onProgress: (share: number) => void;
}

/** Paints an animation frame by frame, each in one piece; delays and loop stay. */
export async function paintFrames(
  stylizer: PhotoPainter,
  photo: Photo,
  output: PhotoOutput,
  { budget, plans, encode, onProgress }: FramesOptions,
): Promise<void> {
  const { head } = photo;
  const frame = plans.find(({ placement }) => placement === 'untiled')!.peak;
  requireMemory(framesBytes(head) + frame, budget, `for the ${head.frames} frames of this animation`);
  const frames = await decodeFrames(photo);
  for (let i = 0; i < frames.count; i++) {
    const picture = frameOf(frames, i);
    fillTransparent(picture);
    setFrame(frames, i, { ...picture, pixels: stylizer.stylize(picture).pixels });
    onProgress((i + 1) / frames.count);
    // Lets signals and timers through.
    await new Promise((resolve) => setImmediate(resolve));
  }
  await encode((path) => encodeAnimation(frames, head, output, path));
}
