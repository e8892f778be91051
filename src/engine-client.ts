import {
  type Engine,
  type EngineEvents,
  type EngineStats,
  STATE_SLOTS,
  type WriteRequest,
  type WriteResult,
} from "./domain/engine.ts";
import { AppError, type ErrorCode } from "./domain/error.ts";
import type { SourceRules } from "./domain/mapping-rule.ts";
import type { StoreBatch } from "./domain/reading.ts";
import type { Acks } from "./engine-core.ts";
import type { EngineStart, FromEngine, ToEngine } from "./engine-protocol.ts";
import type { Logger } from "./lib/logger.ts";

/** The engine's worker, or anything that speaks its protocol. */
export type EnginePort = {
  postMessage(message: ToEngine, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent<FromEngine>) => void) | null;
  onerror?: ((event: ErrorEvent) => void) | null;
};

export type EngineClientDeps = {
  readonly port: EnginePort;
  readonly start: EngineStart;
  /** Direct way to the store's worker; without it batches come to `onStoreBatch`. */
  readonly storePort?: MessagePort;
  /** For a store that is reached through the main thread; answer with `storeApplied`. */
  readonly onStoreBatch?: (batch: StoreBatch) => void;
  readonly events: EngineEvents;
  readonly logger: Logger;
  /** Adds what is set for the request's source. */
  readonly rated?: (request: WriteRequest) => WriteRequest;
};

export type EngineClient = Engine & {
  /** The store has committed everything up to here; only without a `storePort`. */
  storeApplied(sequence: number): void;
  /** The fold began from nothing although consumers are ahead: hand it the open alerts. */
  readonly isRebuilt: boolean;
  readonly startedAtSequence: number;
};

type Write = {
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: AppError) => void;
};
type Call = {
  readonly resolve: (value: number | EngineStats | undefined) => void;
  readonly reject: (error: AppError) => void;
};

/**
 * Starts the engine in its worker and resolves when it has replayed its log.
 * @throws AppError when the log or the snapshots cannot be read, with what to do.
 */
export async function startEngine(deps: EngineClientDeps): Promise<EngineClient> {
  const client = new Client(deps);
  await client.ready;
  return client;
}

class Client implements EngineClient {
  readonly ready: Promise<void>;
  isRebuilt = false;
  startedAtSequence = 0;
  private readonly deps: EngineClientDeps;
  private readonly writes = new Map<number, Write>();
  private readonly calls = new Map<number, Call>();
  private gathered: { id: number; request: WriteRequest }[] = [];
  private nextId = 1;
  private shared: Float64Array = new Float64Array(STATE_SLOTS);
  private stopped: Promise<void> | undefined;
  private onReady: (error?: AppError) => void = () => undefined;

  constructor(deps: EngineClientDeps) {
    this.deps = deps;
    this.ready = new Promise((resolve, reject) => {
      this.onReady = (error) => (error ? reject(error) : resolve());
    });
    deps.port.onmessage = ({ data }) => this.onMessage(data);
    deps.port.onerror = (event) => this.onCrash(event.message);
    const { start, storePort } = deps;
    if (storePort) this.post({ type: "start", start, storePort }, [storePort]);
    else this.post({ type: "start", start });
  }

  write(request: WriteRequest): Promise<WriteResult> {
    if (this.stopped) return Promise.reject(new AppError("unavailable", "the engine is stopping"));
    return new Promise((resolve, reject) => {
      const id = this.nextId++;
      this.writes.set(id, { resolve, reject });
      // Requests of one turn of the loop travel in one message.
      if (this.gathered.length === 0) setImmediate(() => this.sendGathered());
      this.gathered.push({ id, request: this.deps.rated?.(request) ?? request });
    });
  }

  private sendGathered(): void {
    const requests = this.gathered;
    if (requests.length === 0) return;
    this.gathered = [];
    try {
      const bodies = requests.map(({ request }) => request.body);
      this.post({ type: "writes", requests }, bodies);
    } catch (cause) {
      // A body that cannot be moved (used elsewhere): its message was not sent.
      const error = new AppError("internal", "the request's body cannot reach the engine", {
        cause,
      });
      for (const { id } of requests) this.writes.get(id)?.reject(error);
      for (const { id } of requests) this.writes.delete(id);
    }
  }

  async control(frames: Parameters<Engine["control"]>[0]): Promise<number> {
    const value = await this.call((id) => ({ type: "control", id, frames }));
    return typeof value === "number" ? value : 0;
  }

  mapLines(sources: readonly SourceRules[]): void {
    this.post({ type: "map-lines", sources });
  }

  relationalApplied(sequence: number): void {
    this.post({ type: "relational-applied", sequence });
  }

  storeApplied(sequence: number): void {
    this.post({ type: "applied", sequence });
  }

  async stats(): Promise<EngineStats> {
    return statsOf(await this.call((id) => ({ type: "stats", id })));
  }

  async drain(): Promise<EngineStats> {
    return statsOf(await this.call((id) => ({ type: "drain", id })));
  }

  state(): Float64Array {
    return this.shared;
  }

  stop(): Promise<void> {
    this.sendGathered();
    this.stopped ??= this.call((id) => ({ type: "stop", id })).then(() => undefined);
    return this.stopped;
  }

  private post(message: ToEngine, transfer: Transferable[] = []): void {
    this.deps.port.postMessage(message, transfer);
  }

  private call(message: (id: number) => ToEngine): Promise<number | EngineStats | undefined> {
    return new Promise((resolve, reject) => {
      const id = this.nextId++;
      this.calls.set(id, { resolve, reject });
      this.post(message(id));
    });
  }

  private onMessage(message: FromEngine): void {
    switch (message.type) {
      case "acks":
        this.onAcks(message.acks);
        return;
      case "refused":
        for (const id of message.ids) {
          this.writes.get(id)?.reject(new AppError("unavailable", message.message));
          this.writes.delete(id);
        }
        return;
      case "state":
        this.shared = new Float64Array(message.buffer);
        return;
      case "relational":
        this.deps.events.onRelationalBatch(message.batch);
        return;
      case "batch":
        this.deps.onStoreBatch?.(message.batch);
        return;
      case "log":
        this.deps.logger[message.level](message.message);
        return;
      case "ready":
        this.isRebuilt = message.isRebuilt;
        this.startedAtSequence = message.logSequence;
        this.onReady();
        return;
      case "start-failed":
        this.onReady(new AppError(codeOf(message.code), message.message));
        return;
      case "reply":
        this.calls.get(message.id)?.resolve(message.value);
        this.calls.delete(message.id);
        return;
      case "error":
        this.calls.get(message.id)?.reject(new AppError(codeOf(message.code), message.message));
        this.calls.delete(message.id);
    }
  }

  /** The worker is gone: whoever waits hears of it, and nothing new is taken. */
  private onCrash(reason: string): void {
    const error = new AppError(
      "unavailable",
      `the engine has failed (${reason}); restart the server`,
    );
    this.stopped ??= Promise.resolve();
    this.onReady(error);
    for (const { reject } of [...this.writes.values(), ...this.calls.values()]) reject(error);
    this.writes.clear();
    this.calls.clear();
    this.deps.events.onFailure(error.message);
  }

  private onAcks({ sequence, ids, counts, errors }: Acks): void {
    const named = new Map(errors.map(({ id, errors: lines }) => [id, lines] as const));
    for (const [index, id] of ids.entries()) {
      this.writes.get(id)?.resolve({
        sequence,
        lines: counts[index * 3] ?? 0,
        readings: counts[index * 3 + 1] ?? 0,
        rejectedLines: counts[index * 3 + 2] ?? 0,
        errors: named.get(id) ?? [],
      });
      this.writes.delete(id);
    }
  }
}

function statsOf(value: number | EngineStats | undefined): EngineStats {
  if (typeof value !== "object") throw new AppError("internal", "the engine sent no statistics");
  return value;
}

function codeOf(code: string): ErrorCode {
  return code === "unavailable" || code === "invalid" ? code : "internal";
}
