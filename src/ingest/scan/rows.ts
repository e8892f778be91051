import type { ReadingsFrame, RowText, SourceRun } from "../../domain/log-frame.ts";
import { type RowWaveform, summaryOf, type Waveform } from "../../domain/waveform.ts";

/** Columns that grow: the readings of one group, in order of arrival. Reused between groups. */
export class Rows {
  count = 0;
  series: Uint32Array<ArrayBuffer>;
  atUs: Float64Array<ArrayBuffer>;
  value: Float64Array<ArrayBuffer>;
  readonly texts: RowText[] = [];
  readonly waveforms: RowWaveform[] = [];
  readonly runs: SourceRun[] = [];

  constructor(capacity: number) {
    this.series = new Uint32Array(capacity);
    this.atUs = new Float64Array(capacity);
    this.value = new Float64Array(capacity);
  }

  get capacity(): number {
    return this.series.length;
  }

  /** About what they take in the log. */
  get sizeBytes(): number {
    return this.waveforms.reduce((sum, w) => sum + w.samples.byteLength, this.count * 16);
  }

  /** Makes room for at least one more row. */
  grow(): void {
    const wider = this.capacity * 2;
    const { series, atUs, value } = this;
    this.series = new Uint32Array(wider);
    this.series.set(series);
    this.atUs = new Float64Array(wider);
    this.atUs.set(atUs);
    this.value = new Float64Array(wider);
    this.value.set(value);
  }

  add(series: number, atUs: number, value: number, text: string | undefined): void {
    if (this.count === this.capacity) this.grow();
    const row = this.count++;
    this.series[row] = series;
    this.atUs[row] = atUs;
    this.value[row] = value;
    if (text !== undefined) this.texts.push({ row, text });
  }

  addWaveform(series: number, atUs: number, waveform: Waveform): void {
    this.waveforms.push({ row: this.count, ...waveform });
    this.add(series, atUs, Number.NaN, summaryOf(waveform));
  }

  /** Takes back the rows from `count` on. */
  cutTo(count: number): void {
    this.count = count;
    while (this.texts.length > 0 && (this.texts.at(-1)?.row ?? -1) >= count) this.texts.pop();
    while ((this.waveforms.at(-1)?.row ?? -1) >= count) this.waveforms.pop();
  }

  /** Marks the rows since the last run as one source's. */
  endRun(run: Omit<SourceRun, "endRow">): void {
    if (this.count > (this.runs.at(-1)?.endRow ?? 0))
      this.runs.push({ ...run, endRow: this.count });
  }

  clear(): void {
    this.count = 0;
    this.texts.length = 0;
    this.waveforms.length = 0;
    this.runs.length = 0;
  }

  /** The rows as a frame; it shares the columns. */
  frame(): ReadingsFrame {
    return {
      count: this.count,
      series: this.series.subarray(0, this.count),
      atUs: this.atUs.subarray(0, this.count),
      value: this.value.subarray(0, this.count),
      texts: [...this.texts],
      waveforms: [...this.waveforms],
      runs: [...this.runs],
    };
  }
}
