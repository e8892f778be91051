import { deepStrictEqual, ok, rejects } from "node:assert/strict";
import { AppError } from "../domain/error.ts";
import { encodeReadings } from "./encode.ts";
import type { InputPlugin, OpenFile } from "./plugin.ts";
import type { Batch } from "./rows.ts";

/** One start of a plugin, and how it is made to end. */
export type Attempt = {
  readonly config: unknown;
  readonly checkpoint: string | undefined;
  /** When given, the run ends in the way `how` says once so many batches were delivered. */
  readonly deliverAtMost?: number;
  /** `stop` asks it to end; `crash` ends it before the last delivered batch is committed. */
  readonly how?: "stop" | "crash";
};

/** What an attempt came to. */
export type Seen = {
  /** Rows of each delivered batch, as text that is equal when the rows are. */
  readonly batches: readonly (readonly string[])[];
  /** How many of them were committed, and the checkpoint after each. */
  readonly committed: readonly string[];
};

/** Runs a plugin as a host does: in this process, or in a child. */
export type Runner = (attempt: Attempt) => Promise<Seen>;

export type ConformanceSpec = {
  readonly run: Runner;
  /** A configuration whose source has an end, holds the same every time, and gives 3 batches or more. */
  readonly config: unknown;
  /** Configurations to refuse, and a word that the refusal must hold: the setting's name. */
  readonly badConfigs: readonly { readonly config: unknown; readonly mentions: string }[];
};

/** The rows of a batch as text, for comparing. */
export function rowsOf(
  batch: Omit<Batch, "checkpoint" | "lines" | "kind">,
  lines?: Uint8Array,
): string[] {
  const bytes = batch.readings === undefined ? lines : encodeReadings(batch.readings);
  const readings = bytes === undefined ? [] : new TextDecoder().decode(bytes).split("\n");
  const { assetTypes = [], assets = [], sensors = [], maintenance = [], rowErrors = [] } = batch;
  const others = [...assetTypes, ...assets, ...sensors, ...maintenance, ...rowErrors];
  return [...readings.filter((line) => line !== ""), ...others.map((row) => JSON.stringify(row))];
}

/**
 * Runs a plugin in this process: quick, for its own tests. `files` are what the host would lend.
 */
export function inProcess(
  plugin: InputPlugin,
  files: Readonly<Record<string, { readonly name: string; readonly bytes: Uint8Array }>> = {},
): Runner {
  const openFile = async (name: string): Promise<OpenFile> => {
    const file = files[name];
    if (file === undefined) throw new AppError("invalid", `there is no file ${name}`);
    return {
      name: file.name,
      sizeBytes: file.bytes.length,
      // Odd, small parts, so that rows lie across them.
      async *stream(offset) {
        for (let at = offset; at < file.bytes.length; at += 4_093) {
          yield file.bytes.subarray(at, at + 4_093);
        }
      },
    };
  };
  return async (attempt) => {
    const abort = new AbortController();
    const batches: string[][] = [];
    const committed: string[] = [];
    const context = {
      checkpoint: attempt.checkpoint,
      signal: abort.signal,
      log: () => {},
      openFile,
      nowUs: () => 0,
      wait: async () => {},
    };
    for await (const batch of plugin.read(attempt.config, context)) {
      // One more may have been on its way when it was told.
      const isLate = batches.length > (attempt.deliverAtMost ?? Number.POSITIVE_INFINITY);
      ok(!isLate, "goes on after it was stopped");
      batches.push(rowsOf(batch, batch.lines?.bytes));
      const isLast = batches.length === attempt.deliverAtMost;
      if (isLast && attempt.how === "crash") break;
      committed.push(batch.checkpoint);
      await plugin.commit(attempt.config, batch.checkpoint);
      if (isLast) abort.abort();
    }
    return { batches, committed };
  };
}

/**
 * What every plugin that reads must pass, each a named case for a test runner:
 * `for (const c of conformance(spec)) test(c.name, c.run)`.
 */
export function conformance(spec: ConformanceSpec) {
  const all = () => spec.run({ config: spec.config, checkpoint: undefined });
  const from = (checkpoint: string | undefined) => spec.run({ config: spec.config, checkpoint });
  const flat = (batches: Seen["batches"]) => batches.flat();
  return [
    {
      name: "reads the same rows every time",
      async run() {
        const [first, second] = [await all(), await all()];
        ok(first.batches.length >= 3, `gives ${first.batches.length} batches; the suite needs 3`);
        deepStrictEqual(flat(second.batches), flat(first.batches));
        deepStrictEqual(second.committed, first.committed);
      },
    },
    {
      name: "resumes from every checkpoint without a gap or a repeat",
      async run() {
        const { batches, committed } = await all();
        deepStrictEqual(new Set(committed).size, committed.length, "a checkpoint occurs twice");
        const step = Math.ceil(committed.length / 5);
        for (let n = 0; n < committed.length; n += step) {
          const rest = await from(committed[n]);
          deepStrictEqual(flat(rest.batches), flat(batches.slice(n + 1)));
        }
      },
    },
    {
      name: "stops when told to, and goes on from there",
      async run() {
        const { batches } = await all();
        const attempt = { config: spec.config, checkpoint: undefined, deliverAtMost: 2 } as const;
        const stopped = await spec.run({ ...attempt, how: "stop" });
        ok(stopped.committed.length >= 1, "committed nothing before it stopped");
        const rest = await from(stopped.committed.at(-1));
        const kept = stopped.batches.slice(0, stopped.committed.length);
        deepStrictEqual(flat([...kept, ...rest.batches]), flat(batches));
      },
    },
    {
      name: "reads a batch again that was written and not committed",
      async run() {
        const { batches } = await all();
        const attempt = { config: spec.config, checkpoint: undefined, deliverAtMost: 2 } as const;
        const crashed = await spec.run({ ...attempt, how: "crash" });
        ok(crashed.committed.length < crashed.batches.length, "committed all it delivered");
        const rest = await from(crashed.committed.at(-1));
        const kept = crashed.batches.slice(0, crashed.committed.length);
        deepStrictEqual(flat([...kept, ...rest.batches]), flat(batches));
        // What came twice is the same, so that a store that knows it changes nothing.
        const everything = new Set([...flat(crashed.batches), ...flat(rest.batches)]);
        deepStrictEqual(everything, new Set(flat(batches)));
      },
    },
    ...spec.badConfigs.map(({ config, mentions }) => ({
      name: `refuses a bad configuration: ${mentions}`,
      async run() {
        await rejects(spec.run({ config, checkpoint: undefined }), (error: unknown) => {
          ok(error instanceof AppError, `threw ${String(error)} and no AppError`);
          deepStrictEqual(error.code, "invalid");
          ok(error.message.includes(mentions), `does not mention ${mentions}: ${error.message}`);
          return true;
        });
      },
    })),
  ];
}
