import type { SeriesWaveform } from "../../domain/waveform.ts";
import type { DuckdbConnection } from "./connection.ts";
import { timeLiteral } from "./schema.ts";

/**
 * Stores waveforms of batches up to `sequence` in the running transaction; of several at one time of a
 * series the last stays.
 */
export async function storeWaveforms(
  connection: DuckdbConnection,
  waveforms: readonly SeriesWaveform[],
  sequence: number,
): Promise<void> {
  if (waveforms.length === 0) return;
  const kept = new Map<string, SeriesWaveform>();
  for (const one of waveforms) kept.set(`${one.series} ${one.atUs}`, one);
  const replaced = waveforms.filter(({ isFresh }) => !isFresh);
  for (const { series, atUs } of replaced)
    await connection.run(
      `delete from waveforms where series = ${series} and time = ${timeLiteral(atUs)}`,
    );
  const rows = [...kept.values()];
  connection.append(
    "waveforms",
    [
      { kind: "u32", data: Uint32Array.from(rows, ({ series }) => series) },
      { kind: "time", data: Float64Array.from(rows, ({ atUs }) => atUs) },
      { kind: "f64", data: Float64Array.from(rows, (one) => one.sampleRateHz ?? Number.NaN) },
      { kind: "text", data: rows.map(({ shape }) => JSON.stringify(shape)) },
      { kind: "u32", data: Uint32Array.from(rows, ({ samples }) => samples.length) },
      { kind: "blob", data: rows.map(({ samples }) => new Uint8Array(samples.buffer)) },
      { kind: "f64", data: new Float64Array(rows.length).fill(sequence) },
    ],
    rows.length,
  );
}
