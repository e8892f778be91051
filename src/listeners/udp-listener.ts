import type { Precision } from "../domain/engine.ts";
import { AppError, reasonOf } from "../domain/error.ts";
import type { LineSource } from "../domain/line-key.ts";
import type { Clock } from "../lib/clock.ts";
import type { ListenAddress } from "../lib/listen-address.ts";
import type { Logger } from "../lib/logger.ts";
import { type ListenerCounters, linesIn, newCounters } from "./counters.ts";
import type { Listener } from "./listener.ts";
import { Reporter } from "./reporter.ts";
import type { Write } from "./sending.ts";

export type UdpListenerDeps = {
  readonly name: string;
  readonly address: ListenAddress;
  readonly source: () => Promise<LineSource>;
  readonly precision: Precision;
  /** Datagrams that may be on their way to the log at once, in bytes; further ones are dropped. */
  readonly heldBytes: number;
  readonly write: Write;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** What a datagram costs beside its bytes, so that many small ones are bounded too. */
const DATAGRAM_COST_BYTES = 256;

/**
 * Takes line protocol of InfluxDB's dialect over UDP: each datagram is whole lines. Nobody hears of one
 * that is lost; those that find no room are counted.
 * @throws AppError "unavailable" when the address cannot be listened at.
 */
export async function listenUdp(deps: UdpListenerDeps): Promise<Listener> {
  const listener = new UdpListener(deps);
  await listener.open();
  return listener;
}

class UdpListener implements Listener {
  readonly name: string;
  port = 0;
  private readonly deps: UdpListenerDeps;
  private readonly counted: ListenerCounters = newCounters();
  private readonly reporter: Reporter;
  private close = () => {};
  private heldBytes = 0;
  private isStopping = false;
  private onEmpty: (() => void) | undefined;

  constructor(deps: UdpListenerDeps) {
    this.deps = deps;
    this.name = deps.name;
    this.reporter = new Reporter(deps.name, deps.clock, deps.logger);
  }

  async open(): Promise<void> {
    const { host, port } = this.deps.address;
    try {
      const socket = await Bun.udpSocket({
        hostname: host,
        port,
        binaryType: "uint8array",
        socket: {
          data: (_socket, datagram, _port, from) => this.received(datagram, from),
          error: (_socket, error) => this.reporter.note(`the socket failed: ${error.message}`, ""),
        },
      });
      this.port = socket.port;
      this.close = () => socket.close();
    } catch (cause) {
      throw new AppError(
        "unavailable",
        `${this.name}: cannot listen at ${host}:${port} (${reasonOf(cause)}); choose another address`,
        { cause },
      );
    }
  }

  counters(): ListenerCounters {
    return { ...this.counted, heldBytes: this.heldBytes, ended: { ...this.counted.ended } };
  }

  async stop(): Promise<void> {
    if (!this.isStopping) this.close();
    this.isStopping = true;
    if (this.heldBytes === 0) return;
    await new Promise<void>((resolve) => {
      this.onEmpty = resolve;
    });
  }

  private received(datagram: Uint8Array, from: string): void {
    const { counted } = this;
    counted.datagrams++;
    counted.bytes += datagram.length;
    const cost = datagram.length + DATAGRAM_COST_BYTES;
    if (this.isStopping || this.heldBytes + cost > this.deps.heldBytes) {
      this.drop(datagram, "as many bytes wait for the log as may (FORESIGHT_UDP_BYTES)", from);
      return;
    }
    this.heldBytes += cost;
    this.write(datagram)
      .catch((error: unknown) => {
        if (error instanceof AppError && error.code === "unavailable") counted.refusals++;
        this.drop(datagram, reasonOf(error), from);
      })
      .finally(() => {
        this.heldBytes -= cost;
        if (this.heldBytes === 0) this.onEmpty?.();
      });
  }

  private async write(datagram: Uint8Array): Promise<void> {
    const { counted, deps } = this;
    const receivedAtUs = deps.clock.nowUs();
    const { tenantNo, sourceNo } = await deps.source();
    const result = await deps.write({
      ...{ tenantNo, sourceNo, receivedAtUs, precision: deps.precision, dialect: "influx" },
      body: datagram.slice().buffer,
    });
    counted.readings += result.readings;
    counted.rejectedLines += result.rejectedLines;
  }

  private drop(datagram: Uint8Array, why: string, from: string): void {
    this.counted.droppedDatagrams++;
    this.counted.droppedLines += linesIn(datagram);
    this.reporter.note(`datagrams were dropped: ${why}`, from);
  }
}
