import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { AppError, reasonOf } from "./domain/error.ts";
import type {
  HistoryEvents,
  HistoryFileReport,
  HistoryImporter,
  HistoryRequest,
} from "./domain/history-import.ts";
import {
  type Counts,
  countsText,
  createSender,
  decodeState,
  encodeState,
  type FileIdentity,
  type FileReader,
  type FileState,
  findFiles,
  importFile,
  NO_COUNTS,
  openRejects,
  progressText,
  type Rejects,
  type Sender,
  stateKey,
} from "./history/index.ts";
import { createReaders } from "./history-readers.ts";
import { createFileCheckpoints, type FileCheckpoints } from "./lib/file-checkpoints.ts";

export type HistoryImportDeps = {
  readonly nowUs: () => number;
  readonly pause: (ms: number) => Promise<void>;
  readonly runtimeFolder: string;
};

type Running = HistoryImportDeps & {
  readonly request: HistoryRequest;
  readonly events: HistoryEvents;
  readonly signal: AbortSignal;
  readonly states: FileCheckpoints;
  readonly sender: Sender;
  readonly rejects: Rejects;
  readonly open: ReturnType<typeof createReaders>;
  /** Readings sent in this run, and since when. */
  readonly sent: { readings: number; readonly fromUs: number };
};

const HEAD_BYTES = 65_536;
const DRY_TEXT_CHARS = 2_000;

/** The importer of history behind `foresight import readings`. */
export function historyImporter(deps: HistoryImportDeps): HistoryImporter {
  return async (request, events, signal) => {
    const { files, passedOver } = await findFiles(request.paths);
    if (passedOver.length > 0)
      events.say(`passed over ${passedOver.length} files of other kinds: ${passedOver[0]}, …`);
    if (files.length === 0)
      throw new AppError("not-found", `${request.paths.join(", ")}: no file of readings is there`);
    const stopped = new Promise<void>((done) =>
      signal.addEventListener("abort", () => done(), { once: true }),
    );
    const pause = (ms: number) => Promise.race([deps.pause(ms), stopped]);
    const open = createReaders(deps);
    const running: Running = {
      ...deps,
      pause,
      request,
      events,
      signal,
      open,
      states: createFileCheckpoints(request.stateFolder),
      sender: createSender({ ...request, pause, fetch, say: events.say, signal }),
      rejects: openRejects(request.rejectsFile),
      sent: { readings: 0, fromUs: deps.nowUs() },
    };
    const reports: HistoryFileReport[] = [];
    try {
      for (const file of files) {
        if (signal.aborted) break;
        reports.push(await oneFile(running, file));
      }
    } finally {
      running.rejects.close();
    }
    const seconds = (deps.nowUs() - running.sent.fromUs) / 1e6;
    return { files: reports, waits: running.sender.waits, seconds };
  };
}

type FoundFile = Awaited<ReturnType<typeof findFiles>>["files"][number];

/** A file that cannot be read is told, and the next one is taken; a server that refuses ends the run. */
async function oneFile(running: Running, found: FoundFile): Promise<HistoryFileReport> {
  const { request, events, signal } = running;
  const report = (
    status: HistoryFileReport["status"],
    counts: Counts,
    reason?: string,
  ): HistoryFileReport => ({
    ...{ file: found.path, status, ...counts },
    ...(reason === undefined ? {} : { reason }),
  });
  let reader: FileReader;
  try {
    reader = await running.open(found.path, request, signal);
  } catch (error) {
    return report("failed", NO_COUNTS, reasonOf(error));
  }
  if (request.isDryRun) return report("done", await dryRun(events, found.path, reader));
  const file = await identityOf(found);
  const key = stateKey(file, request, settingsOf(request));
  const saved = decodeState(await running.states.load(key));
  if (saved?.isDone === true && !request.isAgain) return report("done before", saved.counts);
  const begin = saved === undefined || saved.isDone ? beginOf(running, file) : saved;
  if (begin.checkpoint !== undefined)
    events.say(`${found.path}: goes on after ${countsText(begin.counts)}`);
  let counts = begin.counts;
  try {
    const end = await importFile(
      depsOf(running, key, found.path, (now) => {
        counts = now;
      }),
      found.path,
      reader,
      begin,
    );
    return report(end.isDone ? "done" : "stopped", end.counts);
  } catch (error) {
    if (error instanceof AppError && error.code !== "invalid") throw error;
    return report("failed", counts, reasonOf(error));
  }
}

function beginOf({ rejects }: Running, file: FileIdentity): FileState {
  const list = { path: rejects.path, bytes: rejects.bytes() };
  return { file, checkpoint: undefined, counts: NO_COUNTS, rejects: list, isDone: false };
}

function depsOf(
  running: Running,
  key: string,
  name: string,
  onCounts: (counts: Counts) => void,
): Parameters<typeof importFile>[0] {
  const { events, nowUs, pause, request, sent } = running;
  return {
    ...running,
    nowMs: () => nowUs() / 1_000,
    save: (state) => running.states.save(key, encodeState(state)),
    async pace(readings) {
      sent.readings += readings;
      if (request.rate === undefined) return;
      const dueUs = sent.fromUs + (sent.readings / request.rate) * 1e6;
      if (dueUs > nowUs()) await pause((dueUs - nowUs()) / 1_000);
    },
    onProgress(counts) {
      onCounts(counts);
      const seconds = Math.max(0.001, (nowUs() - sent.fromUs) / 1e6);
      events.progress(progressText(name, counts, sent.readings / seconds));
    },
  };
}

/** What tells that a file is the one that was imported before. */
async function identityOf({ path, sizeBytes, modifiedMs }: FoundFile): Promise<FileIdentity> {
  const head = await Bun.file(path).slice(0, HEAD_BYTES).arrayBuffer();
  const headSha256 = createHash("sha256").update(new Uint8Array(head)).digest("hex");
  return { path: resolve(path), sizeBytes, modifiedMs, headSha256 };
}

/** What decides which lines a file gives: with another value it is imported anew. */
function settingsOf(request: HistoryRequest): unknown {
  const { paths, url, token, rate, stateFolder, rejectsFile, isDryRun, isAgain, ...rest } = request;
  return rest;
}

/** Says how a file would be read, with its first lines and what is wrong with its first rows. */
async function dryRun(events: HistoryEvents, name: string, reader: FileReader): Promise<Counts> {
  const [first, ...rest] = reader.description;
  events.say(`${name}: ${first}`);
  for (const line of rest) events.say(`  ${line}`);
  for await (const part of reader.read(undefined)) {
    const text = new TextDecoder().decode(part.bytes.subarray(0, DRY_TEXT_CHARS));
    for (const line of text.split("\n").slice(0, 3)) if (line !== "") events.say(`  > ${line}`);
    for (const { line, column, reason } of part.bad.slice(0, 3))
      events.say(`  line ${line}${column === undefined ? "" : `, ${column}`}: ${reason}`);
    return { rows: part.rows, readings: 0, missing: part.missing, bad: part.badCount };
  }
  return NO_COUNTS;
}
