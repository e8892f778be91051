import {
  READ_LIMITS,
  type WaveformRequest,
  type WaveformsRequest,
} from "../../../domain/reading-store.ts";
import type { Waveform, WaveformInfo } from "../../../domain/waveform.ts";
import type { DuckdbConnection } from "../connection.ts";
import type { LakeView } from "../lake/source.ts";
import { oneOf, timeLiteral } from "../schema.ts";
import { checkSeries, checkSpan, checkWhole } from "./limits.ts";

const rateOf = (stored: number | undefined) =>
  stored === undefined || Number.isNaN(stored) ? undefined : stored;
// Written as JSON of such a list by the writer.
const shapeOf = (stored: string | undefined) => JSON.parse(stored ?? "[]") as number[];

/** What there is of a series' waveforms, newest first, without their samples. */
export async function readWaveforms(
  connection: DuckdbConnection,
  view: LakeView,
  { seriesNo, fromUs, toUs, limit }: WaveformsRequest,
): Promise<WaveformInfo[]> {
  checkSeries([seriesNo]);
  checkSpan(fromUs, toUs);
  checkWhole("limit", limit, 1, READ_LIMITS.waveformsPerList);
  const source = view.waveforms({ seriesNos: [seriesNo], fromUs, toUs });
  const rows = await connection.rows(`
    select epoch_us(time)::double, length, shape, sample_rate_hz from ${source}
    where ${oneOf("series", [seriesNo])} and time >= ${timeLiteral(fromUs)} and time < ${timeLiteral(toUs)}
    order by time desc limit ${limit}`);
  const [length, shape, rate] = [rows.u32(1), rows.text(2), rows.f64(3)];
  return Array.from(rows.f64(0), (atUs, row) => ({
    seriesNo,
    atUs,
    length: length[row] ?? 0,
    shape: shapeOf(shape[row]),
    sampleRateHz: rateOf(rate[row]),
  }));
}

/** The waveform of a series at exactly this time. */
export async function readWaveform(
  connection: DuckdbConnection,
  view: LakeView,
  { seriesNo, atUs }: WaveformRequest,
): Promise<Waveform | undefined> {
  checkSeries([seriesNo]);
  checkSpan(atUs, atUs);
  const rows = await connection.rows(`
    select samples, shape, sample_rate_hz
    from ${view.waveforms({ seriesNos: [seriesNo], fromUs: atUs, toUs: atUs + 1 })}
    where ${oneOf("series", [seriesNo])} and time = ${timeLiteral(atUs)}`);
  const bytes = rows.blob(0)[0];
  if (bytes === undefined) return undefined;
  return {
    samples: new Float64Array(bytes.buffer),
    shape: shapeOf(rows.text(1)[0]),
    sampleRateHz: rateOf(rows.f64(2)[0]),
  };
}
