import { join } from "node:path";
import {
  LAKE_DAY_US,
  type LakeSegment,
  type SealReport,
  type SegmentKind,
} from "../../../domain/lake.ts";
import type { Logger } from "../../../lib/logger.ts";
import type { DuckdbConnection } from "../connection.ts";
import { literal, timeLiteral } from "../schema.ts";
import type { StoreState } from "../state.ts";
import { writeCatalogue } from "./catalogue.ts";
import { defectOf, isThere, removeFiles } from "./files.ts";
import { affectedBy, fileNameOf, planSlices, type SealSlice } from "./plan.ts";
import { inDay, inTransaction, storeVersion } from "./tables.ts";
import type { LakeVersion, LakeVersions } from "./versions.ts";
import { countRows, moveToFrozen, type SealInput, writeSlice } from "./write.ts";

/** So long after its day a reading counts as history that arrives now. */
const LATE_ARRIVAL_US = 7 * LAKE_DAY_US;

export type SealerDeps = {
  /** Its own. */
  readonly connection: DuckdbConnection;
  readonly root: string;
  readonly versions: LakeVersions;
  readonly state: StoreState;
  readonly logger: Logger;
  /** Runs something while no batch is being stored. */
  readonly exclusively: <T>(run: () => Promise<T>) => Promise<T>;
  /** Names damaged files and takes them out of the reads. */
  readonly setAside: (defects: ReadonlyMap<LakeSegment, string>) => Promise<void>;
  /** Fetches files that lie in S3 only. */
  readonly fetchMissing: (segments: readonly LakeSegment[]) => Promise<number>;
  readonly classOf: (seriesNo: number) => string;
  readonly nowUs: () => number;
  /** Rows that are sorted at once. */
  readonly sliceRows: number;
  /** Says that no further slice shall be written. */
  readonly isStopping: () => boolean;
};

/** Changes the lake's tables and says so to the reads in one step. */
export async function changeLake(
  deps: Pick<SealerDeps, "connection" | "versions">,
  change: (before: LakeVersion) => Partial<LakeVersion>,
  write: (connection: DuckdbConnection) => Promise<void>,
): Promise<void> {
  const before = deps.versions.current();
  const next = deps.versions.propose(change(before));
  try {
    await inTransaction(deps.connection, async () => {
      await write(deps.connection);
      await storeVersion(deps.connection, before, next.version);
    });
  } catch (error) {
    next.abort();
    throw error;
  }
  next.commit();
}

/** Days that end at or before a time and lie in tables that are written to, oldest first. */
export async function openDays(
  connection: DuckdbConnection,
  { hotDays }: Pick<LakeVersion, "hotDays">,
  beforeUs: number,
): Promise<number[]> {
  const lastUs = Math.floor(beforeUs / LAKE_DAY_US) * LAKE_DAY_US;
  const rows = await connection.rows(`
    select floor(epoch_us(time) / ${LAKE_DAY_US}::double) * ${LAKE_DAY_US} as day
    from (select time from readings union all select time from waveforms)
    where time < ${timeLiteral(lastUs)} group by day order by day`);
  const own = hotDays.filter((day) => day < lastUs);
  return [...new Set([...rows.f64(0), ...own])].sort((a, b) => a - b);
}

/** Takes a day out of what is written to; from then on its late readings are kept apart. */
export async function freezeDay(deps: SealerDeps, dayStartUs: number): Promise<void> {
  await deps.exclusively(() =>
    changeLake(
      deps,
      ({ hotDays }) => ({
        frozenDayUs: dayStartUs,
        hotDays: hotDays.filter((day) => day !== dayStartUs),
      }),
      (connection) =>
        moveToFrozen(connection, dayStartUs, deps.versions.current().hotDays.includes(dayStartUs)),
    ),
  );
}

/**
 * Writes the frozen day's files, slice by slice while batches and reads go on, then drops its rows and
 * records the files in one transaction. After a crash in between it is begun again.
 * @returns undefined when it was told to stop before the end.
 */
export async function sealFrozen(deps: SealerDeps): Promise<SealReport | undefined> {
  const { connection, versions } = deps;
  const dayStartUs = versions.current().frozenDayUs;
  if (dayStartUs === undefined) return { days: 0, files: 0, rows: 0, sizeBytes: 0 };
  const input = await inputOf(deps, dayStartUs);
  const counted = await countRows(connection, input);
  const slices = planSlices(
    counted.map((one) => ({ ...one, className: deps.classOf(one.seriesNo) })),
    deps.sliceRows,
  );
  const names = await freeNames(deps, slices, dayStartUs, "readings");
  await noteUnwanted(connection, names);
  const written: LakeSegment[] = [];
  for (const [index, slice] of slices.entries()) {
    if (deps.isStopping()) return undefined;
    const place = { file: names[index] ?? "", newestClosedUs: deps.state.newestClosedUs };
    const segment = await writeSlice(connection, input, slice, place);
    if (segment) written.push(segment);
  }
  await deps.exclusively(() => commitDay(deps, input, written));
  for (const tenantNo of new Set(written.map((one) => one.tenantNo)))
    await writeCatalogue(connection, deps.root, tenantNo);
  await forgetOldFiles(deps, input.segments);
  return { ...reportOf(written), days: 1 };
}

/** What these files hold. */
export function reportOf(written: readonly LakeSegment[]): SealReport {
  const sum = (of: (one: LakeSegment) => number) => written.reduce((all, one) => all + of(one), 0);
  return {
    days: 0,
    files: written.length,
    rows: sum((one) => (one.kind === "readings" ? one.rows : 0)),
    sizeBytes: sum((one) => one.sizeBytes),
  };
}

/** Names that no file has, not even one of an earlier series store in the same folder. */
export async function freeNames(
  { root, versions }: Pick<SealerDeps, "root" | "versions">,
  slices: readonly Pick<SealSlice, "tenantNo" | "className">[],
  dayStartUs: number,
  kind: SegmentKind,
): Promise<string[]> {
  for (let { generation } = versions.current(); ; generation++) {
    const names = slices.map((slice, index) =>
      fileNameOf(slice, dayStartUs, { generation, index, kind }),
    );
    const taken = await Promise.all(names.map((name) => isThere(join(root, name))));
    if (!taken.includes(true)) return names;
  }
}

/** The files to merge with are read whole first: damage is never carried on into a new file. */
async function inputOf(deps: SealerDeps, dayStartUs: number): Promise<SealInput> {
  const { connection, root, versions } = deps;
  const frozen = await connection.rows(
    `select series from frozen_readings union select series from replaced
     where ${inDay("time", dayStartUs)} and layer = 0`,
  );
  const texts = await connection.rows("select count(*)::double from frozen_texts");
  const ofDay = versions
    .current()
    .segments.filter((one) => one.kind === "readings" && one.dayStartUs === dayStartUs);
  const segments = affectedBy(frozen.u32(0), ofDay);
  return {
    root,
    dayStartUs,
    segments: await wholeOnes(deps, segments),
    hasTexts: (texts.f64(0)[0] ?? 0) > 0,
  };
}

/** Those of these files that are whole; the others are named and set aside. */
export async function wholeOnes(
  deps: SealerDeps,
  segments: readonly LakeSegment[],
): Promise<LakeSegment[]> {
  await deps.fetchMissing(segments);
  const defects = new Map<LakeSegment, string>();
  for (const segment of segments) {
    const defect = await defectOf(deps.root, segment, true);
    if (defect !== "") defects.set(segment, defect);
  }
  if (defects.size > 0) await deps.exclusively(() => deps.setAside(defects));
  return segments.filter((one) => !defects.has(one));
}

/** Remembers files that are to be removed unless a later transaction takes them off the list. */
export async function noteUnwanted(
  connection: DuckdbConnection,
  files: readonly string[],
): Promise<void> {
  if (files.length === 0) return;
  const values = files.map((file) => `(${literal(file)})`).join(",");
  await connection.run(`insert into unwanted values ${values}`);
}

async function commitDay(
  deps: SealerDeps,
  input: SealInput,
  written: readonly LakeSegment[],
): Promise<void> {
  const old = new Set(input.segments.map((one) => one.file));
  const stays = await deps.connection.rows(`select count(*)::double from replaced
    where layer = 1 or not (${inDay("time", input.dayStartUs)})`);
  await changeLake(
    deps,
    (before) => ({
      frozenDayUs: undefined,
      segments: [...before.segments.filter((one) => !old.has(one.file)), ...written],
      hasReplaced: (stays.f64(0)[0] ?? 0) > 0,
    }),
    async (connection) => {
      // What was replaced while the files were written hides rows of the new files.
      await connection.run(`
        delete from replaced where layer = 0 and ${inDay("time", input.dayStartUs)};
        update replaced set layer = 0 where layer = 1;
        drop table frozen_readings; drop table frozen_texts;
        ${CREATE_FROZEN}`);
      await noteArrival(connection, input.dayStartUs, written, deps.nowUs());
      await swapFiles(connection, input.segments, written);
    },
  );
}

/** New files are wanted, the ones that they replace are not, inside the running transaction. */
export async function swapFiles(
  connection: DuckdbConnection,
  old: readonly LakeSegment[],
  written: readonly LakeSegment[],
): Promise<void> {
  if (written.length > 0)
    await connection.run(
      `delete from unwanted where file in (${written.map((one) => literal(one.file)).join(",")})`,
    );
  await noteUnwanted(
    connection,
    old.map((one) => one.file),
  );
}

/** History that comes long after its day is kept as long as if it were of today. */
async function noteArrival(
  connection: DuckdbConnection,
  dayStartUs: number,
  written: readonly LakeSegment[],
  nowUs: number,
): Promise<void> {
  if (nowUs < dayStartUs + LAKE_DAY_US + LATE_ARRIVAL_US) return;
  for (const tenantNo of new Set(written.map((one) => one.tenantNo)))
    await connection.run(`
      delete from arrived where tenant = ${tenantNo} and day = ${dayStartUs};
      insert into arrived values (${tenantNo}, ${dayStartUs}, ${nowUs})`);
}

/** The frozen tables, empty. */
export const CREATE_FROZEN = `
  create table frozen_readings (
    series uinteger not null, time timestamp not null, value double not null);
  create table frozen_texts (
    series uinteger not null, time timestamp not null, text varchar not null);`;

/** Removes files that are not wanted any more, once no read uses them. */
export async function forgetOldFiles(
  deps: Pick<SealerDeps, "versions" | "connection" | "root" | "logger">,
  old: readonly unknown[],
): Promise<void> {
  if (old.length === 0) return;
  await new Promise<void>((resolve) => deps.versions.whenOldUnused(resolve));
  await removeUnwanted(deps);
}

/** Removes what a sealing that broke off wrote, and what later files have replaced. */
export async function removeUnwanted(
  deps: Pick<SealerDeps, "connection" | "root" | "logger">,
): Promise<void> {
  const files = (await deps.connection.rows("select file from unwanted")).text(0);
  if (files.length === 0) return;
  await removeFiles(
    deps.root,
    files.flatMap((file) => [file, `${file}.tmp`]),
  );
  await deps.connection.run("delete from unwanted");
  deps.logger.debug("removed files of the lake", { files: files.length, root: deps.root });
}
