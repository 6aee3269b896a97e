/** What ffmpeg says while it decodes, read for what has happened to the video. */

export interface DecodeEnd {
  /** ffmpeg's exit code; null where it did not start or was ended. */
  readonly code: number | null;
  /** Frames that were damaged and have been patched up, or could not be decoded at all. */
  readonly damaged: number;
  /** Frames of another size than the film's. */
  readonly fitted: number;
  /** The file ends before it should. */
  readonly isCut: boolean;
  /** ffmpeg's last words. */
  readonly complaint: string;
}

const DAMAGED = /corrupt decoded frame|Error while decoding stream|Error submitting packet to decoder/i;
const CUT = /partial file|ended prematurely|Truncat|truncated|moov atom not found|unexpected end of file/i;

/** Lines with their level in front (`-loglevel repeat+level+warning`), counted as they come. */
export class Complaints {
  #damaged = 0;
  #isCut = false;
  #rest = '';
  #last = '';

  add(text: string): void {
    const lines = `${this.#rest}${text}`.split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) this.#line(line);
  }

  /** Frames that were not wanted do not count: after a seek, those that build on what came before it. */
  forgetDamage(): void {
    this.#damaged = 0;
  }

  end(code: number | null): Omit<DecodeEnd, 'fitted'> {
    if (this.#rest !== '') this.#line(this.#rest);
    this.#rest = '';
    return { code, damaged: this.#damaged, isCut: this.#isCut, complaint: this.#last };
  }

  #line(line: string): void {
    if (line.trim() === '') return;
    if (DAMAGED.test(line)) this.#damaged++;
    if (CUT.test(line)) this.#isCut = true;
    if (/\[(error|fatal|panic)\]/.test(line) || !/\[\w+\]/.test(line))
      this.#last = line.replace(/\[[^\]]*\]\s*/g, '').trim();
  }
}
