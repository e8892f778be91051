import { AppError } from "../domain/error.ts";
import { type Arguments, type Command, type Terminal, textOf } from "./command.ts";
import { DATA, folderOf, JSON_SWITCH } from "./operate.ts";

/** Which readings of the log are meant. */
export type LogFilter = {
  /** Event times in µs: from the first on, before the second. */
  readonly fromUs: number;
  readonly toUs: number;
  /** A tenant's short name, or its number in the log. */
  readonly tenant: string | undefined;
  /** A source's name or number. */
  readonly source: string | undefined;
};

/** A segment, as it is listed. */
export type ListedSegment = {
  readonly name: string;
  readonly form: "plain" | "packed";
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly fileBytes: number;
  readonly plainBytes: number;
  readonly readings: number;
  readonly firstAtUs: number | undefined;
  readonly lastAtUs: number | undefined;
};

export type ListedConsumer = {
  readonly name: string;
  readonly sequence: number;
  readonly behindReadings: number;
  readonly behindUs: number;
};

/** How readings left the log. */
export type LogCopy = {
  readonly readings: number;
  /** Readings of series that the log does not name any more. */
  readonly nameless: number;
  /** Readings that line protocol has no words for, such as waveforms. */
  readonly unsayable: number;
  /** Parts of the log that could not be read. */
  readonly problems: readonly string[];
};

/** What the command does its work with; made by `log-tools.ts`. */
export type LogTools = {
  segments(folder: string): readonly ListedSegment[];
  /** Positions of who follows the log; opens the installation when no server runs. */
  consumers(folder: string): Promise<readonly ListedConsumer[]>;
  check(folder: string): {
    readonly segments: number;
    readonly frames: number;
    readonly readings: number;
    readonly bytes: number;
    readonly problems: readonly string[];
    readonly unfinishedBytes: number;
  };
  /** Prints; waits while nobody takes what it prints, so that memory is bounded. */
  dump(folder: string, filter: LogFilter): Promise<LogCopy>;
  /** @param seriesUrl where the other folder keeps readings; "" is its own store. */
  replay(folder: string, filter: LogFilter, to: string, seriesUrl: string): Promise<LogCopy>;
};

const ACTS = ["list", "verify", "dump", "replay"] as const;

/** `foresight log`: looks at the log, checks it, and takes readings out of it. */
export function logCommand(tools: LogTools): Command {
  return {
    name: "log",
    sentence:
      "log list, verify, dump or replay: shows the log's segments, checks them, prints readings as " +
      "line protocol, or writes them into another data folder.",
    rest: "list|verify|dump|replay",
    options: {
      data: DATA,
      from: { value: "TIME", sentence: "Readings of this time on, such as 2026-05-01T00:00:00Z." },
      to: { value: "TIME", sentence: "Readings before this time." },
      tenant: {
        value: "TENANT",
        sentence: "Only this tenant's: short name, or number in the log.",
      },
      source: { value: "SOURCE", sentence: "Only this source's: name, or number in the log." },
      into: {
        value: "DIR",
        sentence: "For replay: the data folder to write to; made when missing.",
      },
      series: {
        value: "STORE",
        sentence:
          "For replay: where the other folder keeps its readings: embedded, as when left out, or a questdb:// address.",
      },
      json: JSON_SWITCH,
    },
    run: async (args, terminal) => {
      const act = ACTS.find((one) => one === args.rest[0]);
      if (act === undefined || args.rest.length !== 1)
        throw new AppError("invalid", `foresight log: say one of ${ACTS.join(", ")}`);
      const folder = folderOf(args, terminal);
      if (act === "list") return list(tools, folder, args, terminal);
      if (act === "verify") return verify(tools, folder, args, terminal);
      const filter = filterOf(args);
      if (act === "dump")
        return tell(await tools.dump(folder, filter), "printed", args, terminal.say);
      const to = textOf(args, "into");
      if (to === "") throw new AppError("invalid", "foresight log replay: --into DIR is missing");
      const copy = await tools.replay(
        folder,
        filter,
        folderOf({ ...args, values: { data: to } }, terminal),
        seriesUrlOf(textOf(args, "series")),
      );
      return tell(copy, `written into ${to}`, args, terminal.out);
    },
  };
}

/** Never the configured store: those tables are this folder's. */
const seriesUrlOf = (series: string): string => (series === "embedded" ? "" : series);

/** @throws AppError "invalid" for what is no time. */
function timeOf(args: Arguments, option: string, fallback: number): number {
  const text = textOf(args, option);
  if (text === "") return fallback;
  const ms = Date.parse(text);
  if (Number.isNaN(ms))
    throw new AppError("invalid", `--${option} ${text} is no time; write 2026-05-01T00:00:00Z`);
  return ms * 1000;
}

function filterOf(args: Arguments): LogFilter {
  return {
    fromUs: timeOf(args, "from", Number.NEGATIVE_INFINITY),
    toUs: timeOf(args, "to", Number.POSITIVE_INFINITY),
    tenant: textOf(args, "tenant") || undefined,
    source: textOf(args, "source") || undefined,
  };
}

function shownTime(atUs: number | undefined): string {
  return atUs === undefined ? "-" : new Date(atUs / 1000).toISOString().slice(0, 19);
}

async function list(
  tools: LogTools,
  folder: string,
  args: Arguments,
  terminal: Terminal,
): Promise<number> {
  const segments = tools.segments(folder);
  const consumers = await tools.consumers(folder);
  if (args.values.json) {
    terminal.out(JSON.stringify({ segments, consumers }));
    return 0;
  }
  for (const one of segments)
    terminal.out(
      `${one.name}  frames ${one.firstSequence} to ${one.lastSequence}  ${one.readings} readings  ` +
        `${shownTime(one.firstAtUs)} to ${shownTime(one.lastAtUs)}  ${one.fileBytes} bytes` +
        (one.form === "packed" ? ` (packed from ${one.plainBytes})` : ""),
    );
  for (const { name, sequence, behindReadings, behindUs } of consumers)
    terminal.out(
      `${name} is at frame ${sequence}` +
        (behindReadings === 0 && behindUs === 0
          ? ""
          : `, behind by about ${behindReadings} readings and ${Math.round(behindUs / 1e6)} s`),
    );
  return 0;
}

function verify(tools: LogTools, folder: string, args: Arguments, terminal: Terminal): number {
  const check = tools.check(folder);
  if (args.values.json) terminal.out(JSON.stringify(check));
  else {
    for (const problem of check.problems) terminal.out(problem);
    const { segments, frames, readings, bytes, unfinishedBytes } = check;
    const tail =
      unfinishedBytes === 0 ? "" : `; ${unfinishedBytes} bytes at the end are an unfinished write`;
    terminal.out(
      `${segments} segments, ${frames} frames, ${readings} readings, ${bytes} bytes: ` +
        (check.problems.length === 0 ? "all whole" : `${check.problems.length} damaged parts`) +
        tail,
    );
  }
  return check.problems.length === 0 ? 0 : 1;
}

/** Exit code 3 when something could not be taken along, as for an import. */
function tell(copy: LogCopy, done: string, args: Arguments, say: (line: string) => void): number {
  if (args.values.json) say(JSON.stringify(copy));
  else {
    for (const problem of copy.problems) say(problem);
    say(`${copy.readings} readings ${done}`);
    if (copy.nameless > 0)
      say(`${copy.nameless} readings are of series that the log names no more`);
    if (copy.unsayable > 0) say(`${copy.unsayable} readings cannot be written as line protocol`);
  }
  return copy.nameless + copy.unsayable + copy.problems.length === 0 ? 0 : 3;
}
