import type { Dialect, Precision } from "../domain/engine.ts";
import { reasonOf } from "../domain/error.ts";
import type { KnownLineKey, LineSource } from "../domain/line-key.ts";
import {
  AUTHENTICATION_LINE_BYTES,
  type AuthenticationEvent,
  type AuthenticationState,
  authenticate,
  drawChallenge,
} from "./authentication.ts";
import type { ByteBudget } from "./byte-budget.ts";
import type { EndReason } from "./counters.ts";
import { LineFramer } from "./line-framer.ts";
import { costBytesOf, Sending, type SendingDeps } from "./sending.ts";
import { isGenuine } from "./signature.ts";

/** The connection as the operating system's side offers it. */
export type Line = {
  readonly from: string;
  /** False when not all of it could be written. */
  send(text: string): boolean;
  pause(): void;
  resume(): void;
  end(): void;
};

/** Who may write: everybody, for the source of the settings; or who signs with a key. */
export type Admission =
  | { readonly kind: "everybody"; readonly source: () => Promise<LineSource> }
  | {
      readonly kind: "keys";
      readonly find: (keyId: string) => Promise<KnownLineKey | undefined>;
      readonly randomBytes: (count: number) => Uint8Array;
    };

export type ConnectionDeps = Omit<SendingDeps, "onFailure"> & {
  readonly admission: Admission;
  readonly dialect: Dialect;
  readonly precision: Precision;
  readonly maxLineBytes: number;
  readonly budget: ByteBudget;
  /** Whether a key is still good could not be found out; it is tried again. */
  readonly onDoubt: (connection: TcpConnection, reason: string) => void;
  /** The server ends it, for a reason. */
  readonly onEnd: (connection: TcpConnection, reason: EndReason, detail: string) => void;
  /** It holds nothing any more, and its other side is gone. */
  readonly onSettled: (connection: TcpConnection) => void;
};

/** How often the key of an open connection is looked up again, in case it was revoked. */
const RECHECK_US = 60_000_000;
/** Bytes on their way to the log from which on a connection is not read. */
const CONNECTION_BYTES = 256 * 1024;
/** Of a line that is too long. */
const REFUSED_BYTES = 1024;
const NEWLINE = 10;
const NOTHING = new Uint8Array(0);

/** One client: who it is, the lines it sends, and whether more of them are read now. */
export class TcpConnection {
  readonly openedAtUs: number;
  lastAtUs: number;
  /** The line, or the answer to the challenge, that has begun. */
  rest: Uint8Array = NOTHING;
  isPaused = false;
  isClosed = false;
  readonly line: Line;
  private readonly deps: ConnectionDeps;
  private readonly framer: LineFramer;
  private readonly sending: Sending;
  private authentication: AuthenticationState = { kind: "key-id" };
  private source: LineSource | undefined;
  private isAsking = false;
  private checkedAtUs: number;
  private isEnding = false;

  constructor(line: Line, deps: ConnectionDeps) {
    this.line = line;
    this.deps = deps;
    this.framer = new LineFramer(deps.dialect, deps.maxLineBytes);
    const onFailure = (reason: string) => this.end("failure", reason);
    this.sending = new Sending({ ...deps, onFailure }, (bytes) => this.released(bytes));
    this.openedAtUs = deps.clock.nowUs();
    this.lastAtUs = this.openedAtUs;
    this.checkedAtUs = this.openedAtUs;
  }

  /** Bytes that it holds: a part of a line, and lines that are not flushed yet. */
  get heldBytes(): number {
    return this.rest.length + this.sending.heldBytes;
  }

  /** Whether its lines are read, or it still has to say who it is. */
  get isIn(): boolean {
    return this.source !== undefined;
  }

  /** Asks whose lines they are; nothing is read meanwhile. */
  open(): void {
    const { admission } = this.deps;
    if (admission.kind === "everybody")
      this.ask(
        () => admission.source(),
        (source) => this.admit(source),
      );
  }

  /** Bytes of the client. */
  received(chunk: Uint8Array): void {
    if (this.isEnding) return;
    this.lastAtUs = this.deps.clock.nowUs();
    this.deps.counters.bytes += chunk.length;
    if (this.source !== undefined) {
      this.takeLines(chunk);
      this.recheck();
    } else {
      this.keep(concat(this.rest, chunk));
      this.introduce();
    }
    this.adjust();
  }

  /** The other side is gone; lines that came whole are still brought to the log. */
  closed(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    if (this.rest.length > 0 && !this.isEnding && this.source !== undefined)
      this.deps.counters.partialLines++;
    this.keep(NOTHING);
    this.settle();
  }

  /** Ends it from this side. */
  end(reason: EndReason, detail = ""): void {
    if (this.isEnding || this.isClosed) return;
    this.isEnding = true;
    this.deps.onEnd(this, reason, detail);
    this.keep(NOTHING);
    // A paused connection would not hear that it was closed.
    if (this.isPaused) this.line.resume();
    this.isPaused = false;
    this.line.end();
  }

  /** What is not flushed by now is dropped and counted. */
  giveUp(): void {
    this.sending.giveUp();
  }

  /** Reads on, or not: for what it holds itself, or what all hold together. */
  adjust(): void {
    if (this.isEnding || this.isClosed) return;
    const mustPause =
      this.isAsking || this.deps.budget.isOver || this.sending.heldBytes > CONNECTION_BYTES;
    if (mustPause === this.isPaused) return;
    this.isPaused = mustPause;
    if (!mustPause) this.line.resume();
    else {
      if (!this.isAsking) this.deps.counters.pauses++;
      this.line.pause();
    }
  }

  private admit(source: LineSource): void {
    this.source = source;
    const early = this.rest;
    this.keep(NOTHING);
    if (early.length > 0) this.takeLines(early);
  }

  private takeLines(chunk: Uint8Array): void {
    const { wholeEnd, failure } = this.framer.feed(chunk);
    if (wholeEnd > 0) {
      this.send(concat(this.rest, chunk.subarray(0, wholeEnd)));
      this.keep(NOTHING);
    }
    const rest = concat(this.rest, chunk.subarray(wholeEnd));
    // The scanner says what is wrong with the field, and the line goes to quarantine.
    if (failure === "broken-binary-field") this.send(rest);
    if (failure === "line-too-long") this.refuse(rest);
    if (failure === undefined) this.keep(rest);
    else this.end(failure);
  }

  /** The line goes to quarantine by its beginning: enough to tell which it is. */
  private refuse(line: Uint8Array): void {
    this.send(
      line.slice(0, REFUSED_BYTES),
      `longer than ${this.deps.maxLineBytes} bytes (FORESIGHT_TCP_LINE_BYTES); this is its beginning`,
    );
  }

  private send(bytes: Uint8Array, refusal?: string): void {
    const { source } = this;
    if (source === undefined) return;
    const { dialect, precision, budget } = this.deps;
    budget.take(costBytesOf(bytes));
    this.sending.add({
      tenantNo: source.tenantNo,
      sourceNo: source.sourceNo,
      dialect,
      precision,
      keepsGoodLines: true,
      ...(refusal === undefined ? {} : { refusal }),
      receivedAtUs: this.lastAtUs,
      bytes,
    });
  }

  private released(bytes: number): void {
    this.deps.budget.giveBack(bytes);
    this.adjust();
    this.settle();
  }

  private settle(): void {
    if (this.isClosed && this.sending.heldBytes === 0) this.deps.onSettled(this);
  }

  private keep(rest: Uint8Array): void {
    const { budget } = this.deps;
    const before = this.rest.length;
    this.rest = rest;
    if (rest.length > before) budget.take(rest.length - before);
    else if (rest.length < before) budget.giveBack(before - rest.length);
  }

  /** Takes what the client says about itself, line by line, until it is in or nothing is left. */
  private introduce(): void {
    while (this.source === undefined && !this.isAsking && !this.isEnding) {
      if (this.deps.admission.kind === "everybody") return;
      const end = this.rest.indexOf(NEWLINE);
      const length = end < 0 ? this.rest.length : end;
      if (length > AUTHENTICATION_LINE_BYTES) this.step({ kind: "line-too-long" });
      else if (end < 0) return;
      else {
        const text = Buffer.from(this.rest.subarray(0, end)).toString("latin1").replace(/\r$/, "");
        this.keep(this.rest.slice(end + 1));
        this.step({ kind: "line", text });
      }
    }
  }

  private step(event: AuthenticationEvent): void {
    const { admission } = this.deps;
    const { next, send } = authenticate(this.authentication, event, isGenuine);
    this.authentication = next;
    if (send !== undefined && !this.line.send(send)) this.end("authentication", "it does not read");
    else if (next.kind === "refused") this.end("authentication", next.reason);
    else if (next.kind === "in") this.admit(next.key);
    else if (next.kind === "looking-up" && admission.kind === "keys")
      this.ask(
        () => admission.find(next.keyId),
        (key) => {
          this.step({ kind: "key", key, challenge: drawChallenge(admission.randomBytes) });
          this.introduce();
        },
      );
  }

  /** A key that was revoked since writes nothing more, a minute later at most. */
  private recheck(): void {
    const { admission, onDoubt } = this.deps;
    const { authentication } = this;
    if (admission.kind !== "keys" || authentication.kind !== "in") return;
    if (this.lastAtUs - this.checkedAtUs < RECHECK_US) return;
    this.checkedAtUs = this.lastAtUs;
    admission.find(authentication.keyId).then(
      (key) => key ?? this.end("authentication", "its key was revoked"),
      (error: unknown) => onDoubt(this, reasonOf(error)),
    );
  }

  /** Nothing is read until the answer is there. */
  private ask<T>(question: () => Promise<T>, onAnswer: (answer: T) => void): void {
    this.isAsking = true;
    this.adjust();
    question().then(
      (answer) => {
        this.isAsking = false;
        if (this.isClosed || this.isEnding) return;
        onAnswer(answer);
        this.adjust();
      },
      (error: unknown) => {
        this.isAsking = false;
        this.end("no-source", reasonOf(error));
      },
    );
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
