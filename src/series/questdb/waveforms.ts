import type { SeriesWaveform } from "../../domain/waveform.ts";
import type { ApplyDeps } from "./apply.ts";
import { quotedText } from "./lines.ts";
import { createWaveformTable } from "./schema.ts";

/** Samples of one row: a long waveform is several, so that no text grows beyond what QuestDB likes. */
export const SAMPLES_PER_ROW = 8_192;
/** Samples of one request; a waveform that is longer has one of its own. */
const SAMPLES_PER_WRITE = 262_144;

/**
 * Stores waveforms in their tenants' tables, which are made with the first one. May be done again; of
 * several at one time of a series the last stays. All rows of one are written at once.
 */
export async function storeWaveforms(
  { wire, tables, state }: Pick<ApplyDeps, "wire" | "tables" | "state">,
  waveforms: readonly SeriesWaveform[],
): Promise<void> {
  const kept = new Map<string, SeriesWaveform>();
  // Readings before 1970 are left out, and their waveforms with them.
  for (const one of waveforms) if (one.atUs >= 0) kept.set(`${one.series} ${one.atUs}`, one);
  for (const [tenantNo, own] of Map.groupBy(kept.values(), (w) => state.tenantOf.get(w.series))) {
    if (tenantNo === undefined) continue;
    if (!state.withWaveforms.has(tenantNo)) {
      await createWaveformTable(wire, tables, tenantNo);
      state.withWaveforms.add(tenantNo);
    }
    const table = tables.waveforms(tenantNo);
    for (let at = 0; at < own.length; ) {
      const lines: string[] = [];
      for (let samples = 0; at < own.length && samples < SAMPLES_PER_WRITE; at++) {
        const one = own[at];
        if (one === undefined) break;
        lines.push(...linesOf(table, one));
        samples += one.samples.length;
      }
      await wire.write(lines.join(""));
    }
    await wire.settled([table]);
  }
}

/** Each row tells the whole length: rows of a longer one before it may lie behind its last. */
function* linesOf(table: string, waveform: SeriesWaveform): Generator<string> {
  const { series, atUs, samples, shape, sampleRateHz } = waveform;
  const rate = sampleRateHz === undefined ? "" : `,sample_rate_hz=${sampleRateHz}`;
  for (let from = 0; from < samples.length; from += SAMPLES_PER_ROW) {
    const part = samples.subarray(from, from + SAMPLES_PER_ROW);
    const text = Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString("base64");
    yield `${table} series=${series}i,part=${from / SAMPLES_PER_ROW}i,length=${samples.length}i${rate},shape=${quotedText(JSON.stringify(shape))},samples=${quotedText(text)} ${atUs}t\n`;
  }
}
