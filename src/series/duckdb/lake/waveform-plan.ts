/** A waveform without its samples. */
export type StoredWaveform = {
  readonly seriesNo: number;
  readonly tenantNo: number;
  readonly className: string;
  readonly atUs: number;
  /** Samples. */
  readonly length: number;
};

/** One file to write: the waveforms of these series from the first to the last. */
export type WaveformSlice = {
  readonly tenantNo: number;
  readonly className: string;
  readonly seriesNos: readonly number[];
  readonly first: StoredWaveform;
  readonly last: StoredWaveform;
};

/** 16 MB: who reads one waveform reads its file's samples. */
const SAMPLES_A_FILE = 2_097_152;

/**
 * Cuts a day's waveforms into files by tenant and class, in order of series and time, with so many samples
 * each, and at most `rowsMost` waveforms. A waveform is never cut. Pure.
 */
export function cutWaveforms(
  stored: readonly StoredWaveform[],
  rowsMost: number,
  samplesMost = SAMPLES_A_FILE,
): WaveformSlice[] {
  const groups = Map.groupBy(stored, (one) => `${one.tenantNo} ${one.className}`);
  return [...groups.values()].flatMap((group) => {
    const sorted = group.toSorted((a, b) => a.seriesNo - b.seriesNo || a.atUs - b.atUs);
    const slices: WaveformSlice[] = [];
    let [from, samples] = [0, 0];
    for (const [index, one] of sorted.entries()) {
      const isFull = samples + one.length > samplesMost || index - from >= rowsMost;
      if (index > from && isFull) {
        slices.push(...sliceOf(sorted.slice(from, index)));
        [from, samples] = [index, 0];
      }
      samples += one.length;
    }
    return [...slices, ...sliceOf(sorted.slice(from))];
  });
}

function sliceOf(part: readonly StoredWaveform[]): WaveformSlice[] {
  const [first, last] = [part[0], part.at(-1)];
  if (first === undefined || last === undefined) return [];
  const { tenantNo, className } = first;
  const seriesNos = [...new Set(part.map(({ seriesNo }) => seriesNo))];
  return [{ tenantNo, className, seriesNos, first, last }];
}
