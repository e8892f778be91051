import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { LakeSegment, SealReport } from "../../../domain/lake.ts";
import type { DuckdbConnection } from "../connection.ts";
import { literal, oneOf, timeLiteral } from "../schema.ts";
import { writeCatalogue } from "./catalogue.ts";
import { makeFolder, settleFile } from "./files.ts";
import {
  changeLake,
  forgetOldFiles,
  freeNames,
  noteUnwanted,
  reportOf,
  type SealerDeps,
  swapFiles,
  wholeOnes,
} from "./sealer.ts";
import { allWaveforms, WAVEFORM_COLUMNS } from "./source.ts";
import { inDay } from "./tables.ts";
import { cutWaveforms, type StoredWaveform, type WaveformSlice } from "./waveform-plan.ts";

/** Waveforms of a day in the table, up to the batch with this sequence. */
type Open = { readonly day: number; readonly upTo: number };

/**
 * Moves a day's waveforms from their table into files, merged with those sealed before, while batches
 * and reads go on. A waveform that is replaced meanwhile stays in the table, which wins over the files;
 * so a crash at any moment leaves either the old files and the table, or the new files.
 * @returns undefined when it was told to stop before the end.
 */
export async function sealWaveforms(
  deps: SealerDeps,
  dayStartUs: number,
): Promise<SealReport | undefined> {
  const { connection, root } = deps;
  const open = await openOf(connection, dayStartUs);
  if (open === undefined) return reportOf([]);
  const old = await wholeOnes(deps, await affected(deps, dayStartUs));
  const source = `(select * from ${allWaveforms(root, old)} where ${inDay("time", dayStartUs)})`;
  const stored = await storedIn(deps, source);
  const slices = cutWaveforms(stored, deps.sliceRows);
  const names = await freeNames(deps, slices, dayStartUs, "waveforms");
  await noteUnwanted(connection, names);
  const written: LakeSegment[] = [];
  for (const [index, slice] of slices.entries()) {
    if (deps.isStopping()) return undefined;
    const place = { root, dayStartUs, file: names[index] ?? "" };
    const segment = await writeWaveforms(connection, source, slice, place);
    if (segment) written.push(segment);
  }
  await deps.exclusively(() => commitWaveforms(deps, open, old, written));
  for (const tenantNo of new Set(written.map((one) => one.tenantNo)))
    await writeCatalogue(connection, root, tenantNo);
  await forgetOldFiles(deps, old);
  return reportOf(written);
}

async function openOf(connection: DuckdbConnection, day: number): Promise<Open | undefined> {
  const rows = await connection.rows(
    `select max(sequence) from waveforms where ${inDay("time", day)} having count(*) > 0`,
  );
  const upTo = rows.f64(0)[0];
  return upTo === undefined ? undefined : { day, upTo };
}

/** The day's files that may hold a neighbour of what is in the table. */
async function affected(
  { connection, versions }: SealerDeps,
  dayStartUs: number,
): Promise<LakeSegment[]> {
  const rows = await connection.rows(
    `select distinct series from waveforms where ${inDay("time", dayStartUs)}`,
  );
  const open = [...rows.u32(0)];
  return versions
    .current()
    .segments.filter(
      (one) =>
        one.kind === "waveforms" &&
        one.defect === "" &&
        one.dayStartUs === dayStartUs &&
        open.some((no) => no >= one.seriesMin && no <= one.seriesMax),
    );
}

async function storedIn(
  { connection, classOf }: SealerDeps,
  source: string,
): Promise<StoredWaveform[]> {
  const rows = await connection.rows(`
    select w.series, s.tenant, w.length, epoch_us(w.time)::double
    from (select series, time, length from ${source}) w join series s on s.series = w.series`);
  const [tenant, length, atUs] = [rows.u32(1), rows.u32(2), rows.f64(3)];
  return Array.from(rows.u32(0), (seriesNo, row) => ({
    ...{ seriesNo, className: classOf(seriesNo), tenantNo: tenant[row] ?? 0 },
    ...{ length: length[row] ?? 0, atUs: atUs[row] ?? 0 },
  }));
}

/** Writes one file, sorted by series and time. @returns undefined when nothing of the slice is left. */
async function writeWaveforms(
  connection: DuckdbConnection,
  source: string,
  slice: WaveformSlice,
  place: { readonly root: string; readonly dayStartUs: number; readonly file: string },
): Promise<LakeSegment | undefined> {
  const path = join(place.root, place.file);
  const temporary = `${path}.tmp`;
  await makeFolder(place.root, dirname(path));
  const { first, last, seriesNos } = slice;
  await connection.run(`copy (
      select ${WAVEFORM_COLUMNS} from ${source} where ${oneOf("series", seriesNos)}
        and (series > ${first.seriesNo} or time >= ${timeLiteral(first.atUs)})
        and (series < ${last.seriesNo} or time <= ${timeLiteral(last.atUs)})
      order by series, time)
    to ${literal(temporary)} (format parquet, compression zstd, row_group_size 2048)`);
  const rows = await connection.rows(`
    select count(*)::double, min(series), max(series), epoch_us(min(time))::double,
      epoch_us(max(time))::double
    from read_parquet(${literal(temporary)}, hive_partitioning = false) having count(*) > 0`);
  if (rows.count === 0) {
    await rm(temporary);
    return undefined;
  }
  return {
    file: place.file,
    kind: "waveforms",
    tenantNo: slice.tenantNo,
    className: slice.className,
    dayStartUs: place.dayStartUs,
    rows: rows.f64(0)[0] ?? 0,
    seriesMin: rows.u32(1)[0] ?? 0,
    seriesMax: rows.u32(2)[0] ?? 0,
    timeMinUs: rows.f64(3)[0] ?? 0,
    timeMaxUs: rows.f64(4)[0] ?? 0,
    ...(await settleFile(temporary, path)),
    ...{ texts: 0, hasTail: false, defect: "", isUploaded: false },
  };
}

async function commitWaveforms(
  deps: SealerDeps,
  { day, upTo }: Open,
  old: readonly LakeSegment[],
  written: readonly LakeSegment[],
): Promise<void> {
  const gone = new Set(old.map(({ file }) => file));
  await changeLake(
    deps,
    ({ segments }) => ({
      segments: [...segments.filter(({ file }) => !gone.has(file)), ...written],
    }),
    async (connection) => {
      await connection.run(
        `delete from waveforms where ${inDay("time", day)} and sequence <= ${upTo}`,
      );
      await swapFiles(connection, old, written);
    },
  );
}
