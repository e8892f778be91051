/** Samples of one waveform at most; a longer one is refused. 8 bytes each. */
export const WAVEFORM_SAMPLES_MAX = 1_048_576;

/** A field or tag of this name beside an array is its sample rate, in Hz. */
export const SAMPLE_RATE_NAME = "sample_rate_hz";

/** A source's sample rate at most, in Hz. */
export const SAMPLE_RATE_MOST_HZ = 1e9;

/** A snapshot of a signal, e.g. of vibration: many samples at one time of a series. */
export type Waveform = {
  /** Row-major when there are several dimensions. */
  readonly samples: Float64Array<ArrayBuffer>;
  /** Length of each dimension; their product is the number of samples. */
  readonly shape: readonly number[];
  /** Samples a second along the last dimension; undefined when the sender did not say. */
  readonly sampleRateHz: number | undefined;
};

/** A waveform of a readings frame: the row has its series and time, and its summary as text. */
export type RowWaveform = Waveform & { readonly row: number };

/** A waveform on its way to the series store. */
export type SeriesWaveform = Waveform & {
  readonly series: number;
  readonly atUs: number;
  /** False when the store may hold one at this time already; the one that comes last stays. */
  readonly isFresh: boolean;
};

/** What a list shows of a stored waveform. */
export type WaveformInfo = {
  readonly seriesNo: number;
  readonly atUs: number;
  readonly length: number;
  readonly shape: readonly number[];
  readonly sampleRateHz: number | undefined;
};

/**
 * A waveform in words, e.g. `4096 samples at 25600 Hz #9f86d081884c7d65`. It is the text of its row: the
 * hash of all bytes (xxHash64) lets the fold and the store tell the same waveform from another.
 */
export function summaryOf({ samples, shape, sampleRateHz }: Waveform): string {
  const { buffer, byteOffset, byteLength } = samples;
  const seed = Bun.hash.xxHash64(shape.join("x"), BigInt(Math.round((sampleRateHz ?? 0) * 1000)));
  const hash = Bun.hash.xxHash64(new Uint8Array(buffer, byteOffset, byteLength), seed);
  const dimensions = shape.length > 1 ? ` (${shape.join(" × ")})` : "";
  const rate = sampleRateHz === undefined ? "" : ` at ${sampleRateHz} Hz`;
  return `${samples.length} samples${dimensions}${rate} #${hash.toString(16).padStart(16, "0")}`;
}

/** The summary as people read it: without the hash. */
export function shownSummary(summary: string): string {
  return summary.replace(/ #[0-9a-f]{16}$/, "");
}
