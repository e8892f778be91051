import type { Caller } from "./access.ts";
import type { Actor, Change, Page, PageRequest } from "./actor.ts";
import { AppError } from "./error.ts";
import type { QuarantinedLine } from "./reading.ts";

export type QuarantineRow = Omit<QuarantinedLine, "tenantNo" | "sourceNo" | "isCut"> & {
  readonly id: string;
  readonly sourceId: string;
  readonly sourceName: string;
  readonly isCut: boolean;
};

/** A kept line with what sending it again needs. */
export type KeptLine = QuarantineRow & { readonly sourceNo: number };

/** Lines with the same reason from one source. */
export type QuarantineGroup = {
  readonly sourceId: string;
  readonly sourceName: string;
  readonly reason: string;
  readonly count: number;
  /** Of them, those that are kept whole and can be replayed. */
  readonly replayable: number;
  readonly firstAtUs: number;
  readonly lastAtUs: number;
  /** One of its lines, as bytes in latin1 text. */
  readonly sample: string;
};

/** What became of a source's refused lines: refused = kept + removed + not kept. */
export type QuarantineAccount = {
  readonly sourceId: string;
  readonly sourceName: string;
  /** Refused lines that were not replayed since. */
  readonly refused: number;
  readonly kept: number;
  /** Deleted by people. */
  readonly removed: number;
  /** Not kept at the time, or made room for newer ones. */
  readonly notKept: number;
  /** Taken by a replay; not among the refused any more. */
  readonly replayed: number;
};

/** Which kept lines an act is for: those named, or all of a source, of a reason, or of both. */
export type QuarantineChoice = {
  readonly ids?: readonly string[] | undefined;
  readonly sourceId?: string | undefined;
  readonly reason?: string | undefined;
};

/** How the replayed lines came out. */
export type ReplayOutcome = {
  /** Lines that became readings and left the quarantine. */
  readonly takenIds: readonly string[];
  /** Lines that stay, with the reason that they have now. */
  readonly refused: readonly {
    readonly id: string;
    readonly reason: string;
    readonly column: number;
  }[];
};

export type ReplayReport = {
  /** Lines that became readings and left the quarantine. */
  readonly replayed: number;
  /** Lines that stay, since they cannot be kept as readings now either. */
  readonly refused: number;
  /** Lines that stay, since they were cut or it is not known how they were sent. */
  readonly notWhole: number;
  /** False when more lines were chosen than one replay takes, or the engine took no more. */
  readonly isWhole: boolean;
  readonly reasons: readonly { readonly reason: string; readonly lines: number }[];
};

/**
 * Sends kept lines through the intake again, under their source. What is sent twice is known by its series
 * and time, so a replay that was cut off and is repeated doubles nothing.
 * @throws AppError "conflict" while another replay of the tenant runs, "unavailable" when none was taken.
 */
export type ReplayQuarantine = (
  who: Caller,
  choice: QuarantineChoice,
  change?: Change,
) => Promise<ReplayReport>;

export type QuarantineStore = {
  groups(
    who: Actor,
    filter?: { readonly sourceId?: string | undefined },
  ): Promise<readonly QuarantineGroup[]>;
  /** One for each source that had a line refused. */
  accounts(who: Actor): Promise<readonly QuarantineAccount[]>;
  /** Newest first. */
  list(
    who: Actor,
    filter: PageRequest & { sourceId?: string | undefined; reason?: string | undefined },
  ): Promise<Page<QuarantineRow>>;
  /** Oldest first, so that the newest word on a time is the last. */
  chosen(who: Actor, choice: QuarantineChoice, limit: number): Promise<readonly KeptLine[]>;
  /** Deletes lines; returns how many. */
  remove(who: Actor, choice: QuarantineChoice, change?: Change): Promise<number>;
  /**
   * Takes the lines that a replay made readings of out of quarantine and out of their sources' ledgers, and
   * writes the reasons of the others down.
   */
  replayed(
    who: Actor,
    choice: QuarantineChoice,
    outcome: ReplayOutcome,
    report: ReplayReport,
    change?: Change,
  ): Promise<ReplayReport>;
};

/** Whether a kept line can be sent again as it came. */
export function isReplayable(
  line: Pick<QuarantineRow, "dialect" | "precision" | "isCut">,
): boolean {
  return line.dialect !== undefined && line.precision !== undefined && !line.isCut;
}

/** @throws AppError "invalid" when nothing is named: everything is never meant by leaving all out. */
export function checkChoice(choice: QuarantineChoice): void {
  const { ids, sourceId, reason } = choice;
  if (ids === undefined && sourceId === undefined && reason === undefined)
    throw new AppError("invalid", "say which lines: ids, a sourceId or a reason");
}

/** The bytes of a kept line. */
export function bytesOf(line: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(line, (char) => char.charCodeAt(0) & 0xff);
}

/** A kept line for people to read: its bytes as UTF-8. */
export function readableLine(line: string): string {
  const isBytes = [...line].every((char) => char.charCodeAt(0) < 256);
  return isBytes ? new TextDecoder().decode(bytesOf(line)) : line;
}
