import { readFileSync } from "node:fs";
import type { Config } from "./config.ts";
import { LINE_TCP_PORT, LINE_UDP_PORT } from "./config.ts";
import type { Engine } from "./domain/engine.ts";
import { AppError, reasonOf } from "./domain/error.ts";
import type { ListenerState } from "./domain/operation.ts";
import type { Relational } from "./domain/relational.ts";
import type { Clock } from "./lib/clock.ts";
import { readListenAddress } from "./lib/listen-address.ts";
import type { Logger } from "./lib/logger.ts";
import { createLineSource } from "./line-source.ts";
import { type Listener, listenTcp, listenUdp } from "./listeners/index.ts";

export type LineListenersDeps = {
  readonly config: Config;
  readonly relational: Pick<Relational, "tenants" | "sources" | "lineKeys">;
  readonly engine: Pick<Engine, "write">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly randomBytes: (count: number) => Uint8Array;
};

/** Line protocol beside HTTP: what the settings switch on. */
export type LineListeners = {
  states(): readonly ListenerState[];
  /** Brings what came whole to the log; the engine must still run. */
  stop(): Promise<void>;
};

/**
 * Looks at the settings alone, before anything is opened.
 * @throws AppError "invalid" for a setting that misses another, or names a file that cannot be read.
 */
export function checkListenerSettings(config: Config): void {
  if (config.tcpTlsListen !== "") readTls(config);
  if (config.udpListen !== "" && config.udpSource === "")
    throw new AppError(
      "invalid",
      "FORESIGHT_UDP_LISTEN needs FORESIGHT_UDP_SOURCE=TENANT/SOURCE: datagrams say not whose they are",
    );
}

/**
 * Starts the listeners that are switched on: none unless a setting names its address.
 * @throws AppError when one cannot be started, with the setting to change; those before it are stopped.
 */
export async function startLineListeners(deps: LineListenersDeps): Promise<LineListeners> {
  const { config, logger } = deps;
  checkListenerSettings(config);
  const started: Listener[] = [];
  const stop = async () => {
    await Promise.all(started.map((listener) => listener.stop()));
  };
  try {
    if (config.tcpListen !== "") started.push(startTcp(deps, "tcp", config.tcpListen, undefined));
    if (config.tcpTlsListen !== "")
      started.push(startTcp(deps, "tcp-tls", config.tcpTlsListen, readTls(config)));
    if (config.udpListen !== "") started.push(await startUdp(deps));
  } catch (error) {
    await stop();
    throw error;
  }
  for (const { name, port } of started)
    logger.info(`line protocol is taken over ${name}`, { port });
  return {
    states: () =>
      started.map((listener) => {
        const { ended, ...counters } = listener.counters();
        return { name: listener.name, port: listener.port, ...counters, ended };
      }),
    stop,
  };
}

function startTcp(
  { config, relational, engine, clock, logger, randomBytes }: LineListenersDeps,
  name: string,
  address: string,
  tls: { readonly cert: string; readonly key: string } | undefined,
): Listener {
  return listenTcp({
    name,
    address: readListenAddress(address, LINE_TCP_PORT),
    tls,
    admission:
      config.tcpSource === ""
        ? { kind: "keys", find: (keyId) => relational.lineKeys.find(keyId), randomBytes }
        : {
            kind: "everybody",
            source: createLineSource({
              relational,
              clock,
              env: "FORESIGHT_TCP_SOURCE",
              setting: config.tcpSource,
            }),
          },
    dialect: config.tcpDialect,
    precision: "ns",
    limits: {
      connections: config.tcpConnections,
      lineBytes: config.tcpLineBytes,
      heldBytes: config.tcpBytes,
      idleMs: config.tcpIdleSeconds * 1_000,
    },
    write: (request) => engine.write(request),
    clock,
    logger,
  });
}

function startUdp({ config, relational, engine, clock, logger }: LineListenersDeps) {
  return listenUdp({
    name: "udp",
    address: readListenAddress(config.udpListen, LINE_UDP_PORT),
    source: createLineSource({
      relational,
      clock,
      env: "FORESIGHT_UDP_SOURCE",
      setting: config.udpSource,
    }),
    precision: config.udpPrecision,
    heldBytes: config.udpBytes,
    write: (request) => engine.write(request),
    clock,
    logger,
  });
}

function readTls({ tcpTlsCert, tcpTlsKey }: Config) {
  const read = (env: string, path: string) => {
    if (path === "")
      throw new AppError("invalid", `FORESIGHT_TCP_TLS_LISTEN needs ${env}: name a PEM file`);
    try {
      return readFileSync(path, "utf8");
    } catch (cause) {
      throw new AppError("invalid", `${env}=${path}: ${reasonOf(cause)}`, { cause });
    }
  };
  return {
    cert: read("FORESIGHT_TCP_TLS_CERT", tcpTlsCert),
    key: read("FORESIGHT_TCP_TLS_KEY", tcpTlsKey),
  };
}
