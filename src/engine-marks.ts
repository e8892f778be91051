import type { ConsumerPosition } from "./domain/engine.ts";

/** How far a consumer is behind the end of the log. */
export type Behind = {
  /** At most; exact to about a second's readings. */
  readonly readings: number;
  /** Time that the log's end was ahead of it, of which the server ran. */
  readonly us: number;
};

type Mark = {
  /** Of its last frame. */
  sequence: number;
  readonly beganUs: number;
  /** Readings of the log up to its last frame. */
  readings: number;
};

const SPACING_US = 1e6;
/** Steps of the clock beyond it are jumps, or time in which the server did not run. */
const STEP_US_MAX = 60e6;
const MARKS_MAX = 4_096;
const HOUR_US = 3_600e6;
const NONE: Behind = { readings: 0, us: 0 };

/**
 * Which sequence the log had when, so that positions can be told as readings and seconds. Its time is
 * that of a running server: a clock that jumps, or a night switched off, makes nobody be behind.
 */
export class LogMarks {
  private marks: Mark[] = [];
  private lastUs: number | undefined;
  private runningUs = 0;
  private readings = 0;
  private spacingUs = SPACING_US;

  /** The clock stands at this time. */
  pass(nowUs: number): void {
    const step = nowUs - (this.lastUs ?? nowUs);
    if (step > 0 && step <= STEP_US_MAX) this.runningUs += step;
    this.lastUs = nowUs;
  }

  /** The log holds this frame, with so many readings. */
  add(sequence: number, readings: number, nowUs: number | undefined): void {
    if (nowUs !== undefined) this.pass(nowUs);
    this.readings += readings;
    const last = this.marks.at(-1);
    if (last !== undefined && this.runningUs - last.beganUs < this.spacingUs) {
      last.sequence = sequence;
      last.readings = this.readings;
      return;
    }
    this.marks.push({ sequence, beganUs: this.runningUs, readings: this.readings });
    if (this.marks.length > MARKS_MAX) this.thin();
  }

  /** Every second mark goes; what it held counts for the one before. */
  private thin(): void {
    this.spacingUs *= 2;
    this.marks = this.marks.flatMap((mark, i) => {
      if (i % 2 === 1) return [];
      const { sequence, readings } = this.marks[i + 1] ?? mark;
      return [{ ...mark, sequence, readings }];
    });
  }

  /** Nobody is before this sequence any more. */
  release(sequence: number): void {
    const from = this.marks.findIndex((mark) => mark.sequence > sequence);
    // The one before tells how many readings it ended with.
    const keep = (from === -1 ? this.marks.length : from) - 1;
    if (keep > 0) this.marks = this.marks.slice(keep);
  }

  /** How far somebody who has applied everything up to the sequence is behind. */
  behind(sequence: number): Behind {
    // Most ask about a place near the end.
    const index = this.marks.findLastIndex((mark) => mark.sequence <= sequence) + 1;
    const mark = this.marks[index];
    if (mark === undefined) return NONE;
    const before = this.marks[index - 1]?.readings ?? 0;
    return { readings: this.readings - before, us: this.runningUs - mark.beganUs };
  }

  position(name: ConsumerPosition["name"], sequence: number): ConsumerPosition {
    const { readings, us } = this.behind(sequence);
    return { name, sequence, behindReadings: readings, behindUs: us };
  }

  /** Why nothing more can be taken while the slowest is there, or undefined. */
  refusal(slowest: number, maxBehindUs: number): string | undefined {
    const { us } = this.behind(slowest);
    if (us < maxBehindUs) return undefined;
    const hours = (us / HOUR_US).toFixed(1);
    return `the stores are ${hours} hours behind the log, as much as they may; they must catch up first`;
  }
}
