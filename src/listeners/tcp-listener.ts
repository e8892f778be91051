import type { Socket } from "bun";
import type { Dialect, Precision } from "../domain/engine.ts";
import { AppError, reasonOf } from "../domain/error.ts";
import type { Clock } from "../lib/clock.ts";
import type { ListenAddress } from "../lib/listen-address.ts";
import type { Logger } from "../lib/logger.ts";
import { ByteBudget } from "./byte-budget.ts";
import { type EndReason, type ListenerCounters, newCounters } from "./counters.ts";
import type { Listener } from "./listener.ts";
import { Reporter } from "./reporter.ts";
import type { Write } from "./sending.ts";
import { type Admission, type ConnectionDeps, type Line, TcpConnection } from "./tcp-connection.ts";

export type TcpListenerDeps = {
  /** As counters and log lines name it. */
  readonly name: string;
  readonly address: ListenAddress;
  /** Certificate and key, PEM. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly admission: Admission;
  readonly dialect: Dialect;
  readonly precision: Precision;
  readonly limits: {
    readonly connections: number;
    readonly lineBytes: number;
    /** All connections together. */
    readonly heldBytes: number;
    /** A connection that sends nothing for so long is ended; 0 for never. */
    readonly idleMs: number;
  };
  readonly write: Write;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** How long a client may take to say who it is. */
const INTRODUCTION_US = 10_000_000;
const SWEEP_MS = 5_000;
/** How long lines that came whole are still brought to the log when the server stops. */
const FAREWELL_MS = 5_000;

const SENTENCES: Readonly<Record<EndReason, string>> = {
  authentication: "a client was not let in",
  "no-source": "a client was not let in: nobody can say now whose its lines are",
  "line-too-long": "a connection was ended: its line is longer than FORESIGHT_TCP_LINE_BYTES",
  "broken-binary-field":
    "a connection was ended: nothing can be told apart after a broken binary field",
  idle: "a connection was ended: it sent nothing for FORESIGHT_TCP_IDLE_SECONDS",
  "too-many-connections": "a client was not let in: there are FORESIGHT_TCP_CONNECTIONS already",
  memory:
    "a connection was ended: parts of lines of all fill FORESIGHT_TCP_BYTES, its part was the longest",
  failure: "a connection was ended: its lines could not be brought to the log",
  stopping: "a connection was ended: the server stops",
};

/**
 * Takes line protocol over TCP. There are no answers: what is durable is what was flushed.
 * @throws AppError "unavailable" when the address cannot be listened at, "invalid" for a certificate
 *   that cannot be used.
 */
export function listenTcp(deps: TcpListenerDeps): Listener {
  return new TcpListener(deps);
}

class TcpListener implements Listener {
  readonly name: string;
  readonly port: number;
  private readonly deps: TcpListenerDeps;
  private readonly counted: ListenerCounters = newCounters();
  private readonly connections = new Set<TcpConnection>();
  private readonly budget: ByteBudget;
  private readonly reporter: Reporter;
  private readonly connectionDeps: ConnectionDeps;
  private readonly server: { stop(closeActive?: boolean): void; readonly port: number };
  private readonly cancelSweeps: () => void;
  private onEmpty: (() => void) | undefined;
  private stopping: Promise<void> | undefined;

  constructor(deps: TcpListenerDeps) {
    const { name, clock, logger, limits } = deps;
    this.deps = deps;
    this.name = name;
    this.reporter = new Reporter(name, clock, logger);
    this.budget = new ByteBudget(limits.heldBytes, () => this.adjustAll());
    this.connectionDeps = {
      ...deps,
      maxLineBytes: limits.lineBytes,
      counters: this.counted,
      budget: this.budget,
      onDoubt: ({ line }, reason) =>
        this.reporter.note(`whether a key is still good is not known now: ${reason}`, line.from),
      onEnd: (connection, reason, detail) => this.ended(connection, reason, detail),
      onSettled: (connection) => this.settled(connection),
    };
    this.server = this.listen();
    this.port = this.server.port;
    this.cancelSweeps = clock.every(SWEEP_MS, () => this.sweep());
  }

  counters(): ListenerCounters {
    this.counted.heldBytes = this.budget.held;
    return { ...this.counted, ended: { ...this.counted.ended } };
  }

  stop(): Promise<void> {
    this.stopping ??= this.stopOnce();
    return this.stopping;
  }

  private async stopOnce(): Promise<void> {
    this.cancelSweeps();
    this.server.stop(false);
    const empty = new Promise<void>((resolve) => {
      this.onEmpty = resolve;
    });
    for (const connection of this.connections) connection.end("stopping");
    const cancel = this.deps.clock.after(FAREWELL_MS, () => {
      for (const connection of this.connections) connection.giveUp();
    });
    if (this.connections.size > 0) await empty;
    cancel();
  }

  private listen() {
    const { address, tls } = this.deps;
    try {
      return Bun.listen<TcpConnection | undefined>({
        hostname: address.host,
        port: address.port,
        ...(tls === undefined ? {} : { tls }),
        socket: {
          binaryType: "uint8array",
          open: (socket) => this.opened(socket),
          data: (socket, chunk) => socket.data?.received(chunk),
          close: (socket) => socket.data?.closed(),
          error: (socket, error) => socket.data?.end("failure", error.message),
        },
      });
    } catch (cause) {
      const where = `${address.host}:${address.port}`;
      throw new AppError(
        "unavailable",
        `${this.name}: cannot listen at ${where} (${reasonOf(cause)}); choose another address or mend the certificate`,
        { cause },
      );
    }
  }

  private opened(socket: Socket<TcpConnection | undefined>): void {
    if (this.stopping !== undefined || this.connections.size >= this.deps.limits.connections) {
      const reason = this.stopping === undefined ? "too-many-connections" : "stopping";
      this.note(reason, socket.remoteAddress, "");
      socket.end();
      return;
    }
    const connection = new TcpConnection(lineOf(socket), this.connectionDeps);
    socket.data = connection;
    this.connections.add(connection);
    this.counted.opened++;
    this.counted.connections++;
    connection.open();
    connection.adjust();
  }

  private ended(connection: TcpConnection, reason: EndReason, detail: string): void {
    this.note(reason, connection.line.from, detail);
  }

  private note(reason: EndReason, from: string, detail: string): void {
    this.counted.ended[reason]++;
    if (reason === "stopping") return;
    this.reporter.note(SENTENCES[reason] + (detail === "" ? "" : ` (${detail})`), from);
  }

  private settled(connection: TcpConnection): void {
    if (!this.connections.delete(connection)) return;
    this.counted.connections--;
    if (this.connections.size === 0) this.onEmpty?.();
  }

  private adjustAll(): void {
    for (const connection of this.connections) connection.adjust();
    if (this.budget.isOver) this.relieve();
  }

  /** Parts of lines can fill the budget with nothing on its way out: the longest one makes room. */
  private relieve(): void {
    let parts = 0;
    let longest: TcpConnection | undefined;
    for (const connection of this.connections) {
      parts += connection.rest.length;
      if (connection.rest.length > (longest?.rest.length ?? 0)) longest = connection;
    }
    if (parts > this.deps.limits.heldBytes / 2) longest?.end("memory");
  }

  private sweep(): void {
    const nowUs = this.deps.clock.nowUs();
    const idleUs = this.deps.limits.idleMs * 1_000;
    for (const connection of this.connections) {
      if (connection.isPaused) continue; // it may send, we do not read
      if (!connection.isIn && nowUs - connection.openedAtUs > INTRODUCTION_US)
        connection.end("authentication", "it did not say who it is in time");
      else if (idleUs > 0 && nowUs - connection.lastAtUs > idleUs) connection.end("idle");
    }
    if (this.budget.isOver) this.relieve();
  }
}

function lineOf(socket: Socket<TcpConnection | undefined>): Line {
  return {
    from: socket.remoteAddress,
    send: (text) => socket.write(text) === Buffer.byteLength(text),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => void socket.end(),
  };
}
