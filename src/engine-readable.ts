import type { LogFrame, ReadingsFrame } from "./domain/log-frame.ts";
import type { EngineFold } from "./engine-fold.ts";

/**
 * The rows of a readings frame whose series are known. After damage to a dictionary frame some may not
 * be: nobody can say what they measured.
 */
export function knownRows(
  frame: ReadingsFrame,
  isKnown: (seriesNo: number) => boolean,
): { readonly frame: ReadingsFrame; readonly unknown: number; readonly highestNo: number } {
  const kept: number[] = [];
  let highestNo = 0;
  for (let row = 0; row < frame.count; row++) {
    const seriesNo = frame.series[row] ?? 0;
    if (seriesNo > highestNo) highestNo = seriesNo;
    if (isKnown(seriesNo)) kept.push(row);
  }
  const unknown = frame.count - kept.length;
  if (unknown === 0) return { frame, unknown, highestNo };
  const place = new Map(kept.map((row, index) => [row, index]));
  const texts = frame.texts.flatMap(({ row, text }) => {
    const index = place.get(row);
    return index === undefined ? [] : [{ row: index, text }];
  });
  const waveforms = frame.waveforms.flatMap((waveform) => {
    const index = place.get(waveform.row);
    return index === undefined ? [] : [{ ...waveform, row: index }];
  });
  let before = 0;
  const runs = frame.runs.map((run) => {
    while (before < kept.length && (kept[before] ?? 0) < run.endRow) before++;
    return { ...run, endRow: before };
  });
  return {
    unknown,
    highestNo,
    frame: {
      count: kept.length,
      series: Uint32Array.from(kept, (row) => frame.series[row] ?? 0),
      atUs: Float64Array.from(kept, (row) => frame.atUs[row] ?? 0),
      value: Float64Array.from(kept, (row) => frame.value[row] ?? 0),
      texts,
      waveforms,
      runs,
    },
  };
}

/** What of a frame of the log can be folded: after damage some of its series may be unknown. */
export class Readable {
  private readonly deps: {
    readonly isDamaged: () => boolean;
    /** Numbers up to here are not given again. */
    readonly skip: (seriesNo: number) => void;
    readonly failure: (message: string) => void;
  };
  private isTold = false;

  constructor(deps: Readable["deps"]) {
    this.deps = deps;
  }

  by(fold: EngineFold, frame: LogFrame): LogFrame {
    if (frame.kind !== "readings" || !this.deps.isDamaged()) return frame;
    const known = knownRows(frame.readings, (seriesNo) => fold.windows.knows(seriesNo));
    this.deps.skip(known.highestNo);
    if (known.unknown > 0 && !this.isTold)
      this.deps.failure(
        "log: readings of series whose names were in a damaged part are passed over; they are named in no store",
      );
    this.isTold ||= known.unknown > 0;
    return { kind: "readings", readings: known.frame };
  }
}

/** When the frame's last readings came, or what its clock said; undefined for others. */
export function timeOf(frame: LogFrame): number | undefined {
  if (frame.kind === "readings") return frame.readings.runs.at(-1)?.receivedAtUs;
  return frame.kind === "clock" ? frame.clock.nowUs : undefined;
}

/** What a frame weighs in a step of work: a reading counts one, and each sample of a waveform. */
export function frameWeight(frame: LogFrame): number {
  if (frame.kind !== "readings") return 1;
  const { count, waveforms } = frame.readings;
  return waveforms.reduce((sum, { samples }) => sum + samples.length, count);
}

export const readingsIn = (frame: LogFrame): number =>
  frame.kind === "readings" ? frame.readings.count : 0;
