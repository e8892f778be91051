import type { FileReader, Part } from "./part.ts";
import type { Rejects } from "./rejects.ts";
import type { Sender, Taken } from "./send.ts";
import type { Counts, FileState } from "./state.ts";

export type ImportFileDeps = {
  readonly sender: Sender;
  readonly rejects: Rejects;
  readonly save: (state: FileState) => Promise<void>;
  readonly nowMs: () => number;
  /** Resolves when so many readings more may be sent. */
  readonly pace: (readings: number) => Promise<void>;
  readonly onProgress: (counts: Counts) => void;
  readonly signal: AbortSignal;
};

/** States are flushed to disk; once a second costs nothing, and what a crash repeats changes nothing. */
const SAVE_EVERY_MS = 1_000;

/**
 * Sends one file from where its state is to its end. The next part is made while one is under way; the
 * state never says more than the server has flushed. Resolves with the last state, which is done unless
 * `signal` ended it.
 * @param name what the file is called in the list of bad rows.
 */
export async function importFile(
  deps: ImportFileDeps,
  name: string,
  reader: FileReader,
  begin: FileState,
): Promise<FileState> {
  const { rejects, signal } = deps;
  let state = begin;
  let savedAtMs = deps.nowMs();
  const keep = async (next: FileState, isLast: boolean) => {
    state = next;
    if (!isLast && deps.nowMs() - savedAtMs < SAVE_EVERY_MS) return;
    await deps.save(state);
    savedAtMs = deps.nowMs();
  };
  if (begin.rejects.path === rejects.path) rejects.cutTo(begin.rejects.bytes);
  await keep({ ...begin, rejects: { path: rejects.path, bytes: rejects.bytes() } }, true);
  const parts = reader.read(begin.checkpoint);
  try {
    let next = parts.next();
    for (;;) {
      const { value: part, done } = await next;
      if (done === true || signal.aborted) break;
      // Awaited on the next round; a failure meanwhile must not count as nobody's.
      next = parts.next();
      next.catch(() => undefined);
      const taken = part.bytes.length === 0 ? undefined : await send(deps, reader, part);
      const added = await noteBad(rejects, name, part, taken);
      const counts = addCounts(state.counts, part, taken, added);
      deps.onProgress(counts);
      const list = { path: rejects.path, bytes: rejects.bytes() };
      await keep({ ...state, checkpoint: part.checkpoint, counts, rejects: list }, false);
      await deps.pace(taken?.readings ?? 0);
    }
  } finally {
    // What the server has is known even when the next part failed.
    await keep({ ...state, isDone: false }, true);
    await parts.return();
  }
  if (signal.aborted) return state;
  await keep({ ...state, isDone: true }, true);
  return state;
}

function send(deps: ImportFileDeps, reader: FileReader, part: Part): Promise<Taken> {
  const how = { precision: part.precision, dialect: reader.dialect };
  return deps.sender.send(part.bytes, how);
}

/** Lists what the reader and the server left out; returns how many rows the server refused. */
async function noteBad(
  rejects: Rejects,
  name: string,
  part: Part,
  taken: Taken | undefined,
): Promise<number> {
  rejects.add(name, part.bad);
  rejects.addMore(name, part.badCount - part.bad.length);
  if (taken === undefined || taken.rejectedLines === 0) return 0;
  const rows = [];
  for (const { lineNo, column, reason, line: text } of taken.errors)
    rows.push({ line: await part.fileLineOf(lineNo), column, reason, text });
  rejects.add(name, rows);
  rejects.addMore(name, taken.rejectedLines - taken.errors.length);
  return taken.rejectedLines;
}

function addCounts(counts: Counts, part: Part, taken: Taken | undefined, refused: number): Counts {
  return {
    rows: counts.rows + part.rows,
    readings: counts.readings + (taken?.readings ?? 0),
    missing: counts.missing + part.missing,
    bad: counts.bad + part.badCount + refused,
  };
}
