import {
  READ_LIMITS,
  type WaveformRequest,
  type WaveformsRequest,
} from "../../../domain/reading-store.ts";
import type { Waveform, WaveformInfo } from "../../../domain/waveform.ts";
import { checkSeries, checkSpan, checkWhole } from "../../duckdb/reads/limits.ts";
import { oneOf, timeLiteral } from "../schema.ts";
import { SAMPLES_PER_ROW } from "../waveforms.ts";
import type { ReadDeps } from "./range.ts";

const rateOf = (stored: unknown) => (stored === null ? undefined : Number(stored));
// Written as JSON of such a list by the writer.
const shapeOf = (stored: unknown) => JSON.parse(String(stored)) as number[];

/** The table that holds the series' waveforms; undefined when its tenant has none. */
function tableOf({ tables, state }: ReadDeps, seriesNo: number): string | undefined {
  const tenantNo = state.tenantOf.get(seriesNo);
  if (tenantNo === undefined || !state.withWaveforms.has(tenantNo)) return undefined;
  return tables.waveforms(tenantNo);
}

/** What there is of a series' waveforms, newest first, without their samples. */
export async function readWaveforms(
  deps: ReadDeps,
  { seriesNo, fromUs, toUs, limit }: WaveformsRequest,
): Promise<WaveformInfo[]> {
  checkSeries([seriesNo]);
  checkSpan(fromUs, toUs);
  checkWhole("limit", limit, 1, READ_LIMITS.waveformsPerList);
  const table = tableOf(deps, seriesNo);
  if (table === undefined) return [];
  const rows = await deps.wire.query(
    `select ts::long, length, shape, sample_rate_hz from ${table}
     where ${oneOf("series", [seriesNo])} and part = 0
       and ts >= ${timeLiteral(fromUs)} and ts < ${timeLiteral(toUs)}
     order by ts desc limit ${limit}`,
  );
  return rows.map(([atUs, length, shape, rate]) => ({
    ...{ seriesNo, atUs: Number(atUs), length: Number(length) },
    ...{ shape: shapeOf(shape), sampleRateHz: rateOf(rate) },
  }));
}

/** The waveform of a series at exactly this time. */
export async function readWaveform(
  deps: ReadDeps,
  { seriesNo, atUs }: WaveformRequest,
): Promise<Waveform | undefined> {
  checkSeries([seriesNo]);
  checkSpan(atUs, atUs);
  const table = tableOf(deps, seriesNo);
  if (table === undefined || atUs < 0) return undefined;
  const rows = await deps.wire.query(
    `select part, length, shape, sample_rate_hz, samples from ${table}
     where ${oneOf("series", [seriesNo])} and ts = ${timeLiteral(atUs)} order by part`,
  );
  const [first] = rows;
  if (first === undefined) return undefined;
  const samples = new Float64Array(Number(first[1]));
  const bytes = new Uint8Array(samples.buffer);
  for (const [part, , , , text] of rows) {
    const at = Number(part) * SAMPLES_PER_ROW * 8;
    // Rows behind the end are of a longer one that this one has replaced.
    if (at < bytes.length) bytes.set(Buffer.from(String(text), "base64"), at);
  }
  return { samples, shape: shapeOf(first[2]), sampleRateHz: rateOf(first[3]) };
}
