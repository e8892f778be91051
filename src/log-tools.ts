import { join } from "node:path";
import { type InstallationDeps, runOperation } from "./cli/installation.ts";
import type { LogCopy, LogFilter, LogTools } from "./cli/log.ts";
import type { Dialect, EngineStats } from "./domain/engine.ts";
import { AppError, reasonOf } from "./domain/error.ts";
import type { LogFrame, ReadingsFrame } from "./domain/log-frame.ts";
import type { LogNames, Operations } from "./domain/operation.ts";
import type { SeriesEntry } from "./domain/series.ts";
import { readDictionary } from "./engine-snapshots.ts";
import { lineHead, lineValue } from "./ingest/index.ts";
import { type Disk, type LogFolder, openLogFolder } from "./log/index.ts";

export type LogToolsDeps = {
  readonly disk: Disk;
  readonly installation: InstallationDeps;
  /** Writes to standard output; resolves when that was taken. */
  readonly print: (text: string) => Promise<void>;
};

/** What `foresight log` does its work with. */
export function createLogTools({ disk, installation, print }: LogToolsDeps): LogTools {
  const logOf = (folder: string): LogFolder => {
    const path = join(folder, "log");
    try {
      disk.list(path);
    } catch (cause) {
      throw new AppError("not-found", `there is no log in ${folder} (${reasonOf(cause)})`, {
        cause,
      });
    }
    return openLogFolder(disk, path);
  };
  const namesOf = async (folder: string) =>
    (await runOperation(installation, folder, "log-names", {})) as LogNames; // its documented form
  const start = async (folder: string, filter: LogFilter) => {
    const isNamed = [filter.tenant, filter.source].some((one) => one !== undefined && !isNo(one));
    return { log: logOf(folder), names: isNamed ? await namesOf(folder) : NO_NAMES };
  };
  return {
    segments: (folder) => logOf(folder).segments(),
    check: (folder) => logOf(folder).check(),
    async consumers(folder) {
      const state = await runOperation(installation, folder, "log-state", {});
      return (state as EngineStats).consumers; // its documented form
    },
    async dump(folder, filter) {
      const { log, names } = await start(folder, filter);
      const writer = new LineWriter(readDictionary(disk, join(folder, "snapshots")), filter, names);
      for (const frame of log.frames((problem) => writer.problem(problem))) {
        const lines: string[] = [];
        for (const { text, dialect } of writer.linesOf(frame, "000"))
          if (dialect === "influx") lines.push(text);
          else writer.unsayable(1);
        if (lines.length > 0) await print(`${lines.join("\n")}\n`);
      }
      return writer.copy();
    },
    async replay(folder, filter, to, seriesUrl) {
      const names = await namesOf(folder);
      const log = logOf(folder);
      const writer = new LineWriter(readDictionary(disk, join(folder, "snapshots")), filter, names);
      const opened = await installation.open(to, true, seriesUrl);
      try {
        await replayInto(opened.operations, log, writer, names);
      } finally {
        await opened.close();
      }
      return writer.copy();
    },
  };
}

const NO_NAMES: LogNames = { tenants: [], sources: [] };
const isNo = (text: string): boolean => /^\d+$/.test(text);

/** Characters of lines that are written at once. */
const CHUNK_CHARACTERS = 1_000_000;

async function replayInto(
  operations: Operations,
  log: LogFolder,
  writer: LineWriter,
  names: LogNames,
): Promise<void> {
  let waiting: { key: string; lines: string[]; size: number; line: Line } | undefined;
  const send = async () => {
    if (waiting === undefined) return;
    const { line, lines } = waiting;
    waiting = undefined;
    const { rejected, reason } = (await operations["write-lines"]({
      ...placeOf(names, line),
      dialect: line.dialect,
      lines: lines.join("\n"),
    })) as { rejected: number; reason: string | undefined }; // the operation's documented form
    if (rejected > 0) writer.problem(`${rejected} lines were refused: ${reason}`);
  };
  for (const frame of log.frames((problem) => writer.problem(problem)))
    for (const line of writer.linesOf(frame, "")) {
      // In their order, which decides between two values of one time.
      const key = `${line.tenantNo} ${line.sourceNo} ${line.dialect}`;
      if (waiting !== undefined && (waiting.key !== key || waiting.size > CHUNK_CHARACTERS))
        await send();
      waiting ??= { key, lines: [], size: 0, line };
      waiting.lines.push(line.text);
      waiting.size += line.text.length;
    }
  await send();
}

/** @throws AppError "not-found" for a tenant that the installation does not know any more. */
function placeOf(names: LogNames, { tenantNo, sourceNo }: Line) {
  const tenant = names.tenants.find(({ no }) => no === tenantNo);
  if (tenant === undefined)
    throw new AppError(
      "not-found",
      `tenant ${tenantNo} of the log is not known; leave it out with --tenant`,
    );
  const source = names.sources.find(({ no }) => no === sourceNo);
  return {
    tenant: tenant.id,
    tenantName: tenant.name,
    zone: tenant.zone,
    source: source?.name ?? `source ${sourceNo}`,
    kind: source?.kind,
    autoAdopt: source?.autoAdopt ?? false,
  };
}

type Line = {
  readonly text: string;
  readonly dialect: Dialect;
  readonly tenantNo: number;
  readonly sourceNo: number;
};

type Heads = {
  readonly entry: SeriesEntry;
  readonly influx: string | undefined;
  readonly questdb: string | undefined;
};

/** Readings as lines, in InfluxDB's dialect unless only QuestDB's can say them. */
class LineWriter {
  private readonly series = new Map<number, Heads>();
  private readonly filter: LogFilter;
  private readonly names: LogNames;
  private readonly count = { readings: 0, nameless: 0, unsayable: 0 };
  private readonly problems: string[] = [];

  constructor(known: readonly SeriesEntry[], filter: LogFilter, names: LogNames) {
    this.filter = filter;
    this.names = names;
    for (const entry of known) this.learn(entry);
  }

  problem(text: string): void {
    this.problems.push(text);
  }

  unsayable(readings: number): void {
    this.count.readings -= readings;
    this.count.unsayable += readings;
  }

  copy(): LogCopy {
    return { ...this.count, problems: this.problems };
  }

  private learn(entry: SeriesEntry): void {
    const [influx, questdb] = [lineHead(entry, "influx"), lineHead(entry, "questdb")];
    this.series.set(entry.seriesNo, { entry, influx, questdb });
  }

  /** @param digits what stands behind a time in µs */
  *linesOf(frame: LogFrame, digits: string): Generator<Line> {
    if (frame.kind === "dictionary") for (const e of frame.dictionary.entries) this.learn(e);
    if (frame.kind !== "readings") return;
    const { readings } = frame;
    const texts = new Map(readings.texts.map(({ row, text }) => [row, text]));
    let row = 0;
    for (const { tenantNo, sourceNo, endRow } of readings.runs) {
      const isMeant = this.isMeant(tenantNo, sourceNo);
      for (; row < endRow; row++) {
        const atUs = readings.atUs[row] ?? 0;
        if (!isMeant || atUs < this.filter.fromUs || atUs >= this.filter.toUs) continue;
        const said = this.line(readings, row, texts.get(row));
        if (said === undefined) continue;
        this.count.readings++;
        yield { text: `${said.text} ${atUs}${digits}`, dialect: said.dialect, tenantNo, sourceNo };
      }
    }
  }

  private line(frame: ReadingsFrame, row: number, text: string | undefined) {
    const heads = this.series.get(frame.series[row] ?? 0);
    if (heads === undefined) {
      this.count.nameless++;
      return undefined;
    }
    for (const dialect of ["influx", "questdb"] as const) {
      const value = lineValue(heads.entry.kind, frame.value[row] ?? 0, text, dialect);
      const head = heads[dialect];
      if (head !== undefined && value !== undefined) return { text: head + value, dialect };
    }
    this.count.unsayable++;
    return undefined;
  }

  private isMeant(tenantNo: number, sourceNo: number): boolean {
    const { tenant, source } = this.filter;
    const { tenants, sources } = this.names;
    const isTenant =
      tenant === undefined ||
      String(tenantNo) === tenant ||
      tenants.some(({ no, id }) => no === tenantNo && id === tenant);
    const isSource =
      source === undefined ||
      String(sourceNo) === source ||
      sources.some(({ no, name }) => no === sourceNo && name === source);
    return isTenant && isSource;
  }
}
