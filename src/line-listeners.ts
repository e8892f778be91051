import { readFileSync } from "node:fs";
import type { Config } from "./config.ts";
import { LINE_TCP_PORT, LINE_UDP_PORT } from "./config.ts";
import { systemActor } from "./domain/actor.ts";
import type { Engine } from "./domain/engine.ts";
import { AppError, reasonOf } from "./domain/error.ts";
import type { LineSource } from "./domain/line-key.ts";
import type { ListenerState } from "./domain/operation.ts";
import type { Relational } from "./domain/relational.ts";
import type { Clock } from "./lib/clock.ts";
import { readListenAddress } from "./lib/listen-address.ts";
import type { Logger } from "./lib/logger.ts";
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
 * Starts the listeners that are switched on: none unless a setting names its address.
 * @throws AppError when one cannot be started, with the setting to change; those before it are stopped.
 */
export async function startLineListeners(deps: LineListenersDeps): Promise<LineListeners> {
  const { config, logger } = deps;
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
            source: sourceOf(relational, "FORESIGHT_TCP_SOURCE", config.tcpSource),
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
  if (config.udpSource === "")
    throw new AppError(
      "invalid",
      "FORESIGHT_UDP_LISTEN needs FORESIGHT_UDP_SOURCE=TENANT/SOURCE: datagrams say not whose they are",
    );
  return listenUdp({
    name: "udp",
    address: readListenAddress(config.udpListen, LINE_UDP_PORT),
    source: sourceOf(relational, "FORESIGHT_UDP_SOURCE", config.udpSource),
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

/**
 * The source that a setting names. Its tenant may be made after the listener started, so it is looked for
 * until it is there; the source itself is made when missing.
 */
function sourceOf(
  { tenants, sources }: Pick<Relational, "tenants" | "sources">,
  env: string,
  setting: string,
): () => Promise<LineSource> {
  const cut = setting.indexOf("/");
  const tenantId = setting.slice(0, cut);
  const name = setting.slice(cut + 1);
  const find = async (): Promise<LineSource> => {
    const tenant = await tenants.get(tenantId);
    if (tenant === undefined)
      throw new AppError(
        "not-found",
        `${env}: there is no tenant ${tenantId}; foresight setup makes one`,
      );
    const who = systemActor(tenantId, "listener");
    const source = await sources.ensure(who, { name, kind: "line-protocol" });
    return { tenantId, tenantNo: tenant.no, sourceNo: source.no };
  };
  let known: Promise<LineSource> | undefined;
  return () => {
    // One question at a time, and none once it is answered.
    known ??= find().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}
