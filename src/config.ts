import { AppError } from "./domain/error.ts";
import { readListenAddress } from "./lib/listen-address.ts";
import { questdbAddressOf } from "./series/questdb/address.ts";

/** One setting: read from the environment, documented in docs/operations.md from this table. */
type Setting<T> = {
  readonly env: string;
  readonly unit: string;
  readonly sentence: string;
  readonly fallback: T;
  readonly parse: (text: string) => T;
  /** It may hold a password: what is wrong with it is said without showing it. */
  readonly isSecret?: true;
};

function integer(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max)
      throw new Error(`must be a whole number from ${min} to ${max}`);
    return value;
  };
}

const text = (value: string): string => value;

function questdbUrl(value: string): string {
  questdbAddressOf(value);
  return value;
}

function oneOf<T extends string>(...allowed: readonly T[]) {
  return (value: string): T => {
    const found = allowed.find((one) => one === value);
    if (found === undefined) throw new Error(`must be one of ${allowed.join(", ")}`);
    return found;
  };
}

const MIB = 1024 * 1024;

/** An address to listen at, kept as it was written. */
function address(defaultPort: number) {
  return (value: string): string => {
    readListenAddress(value, defaultPort);
    return value;
  };
}

function tenantAndSource(value: string): string {
  if (!/^[^/\s]+\/.+$/.test(value)) throw new Error("must be TENANT/SOURCE");
  return value;
}

/** Ports that these protocols have by custom. */
export const LINE_TCP_PORT = 9009;
export const LINE_UDP_PORT = 8089;

/** Every setting there is. The name in code is the key; people set the environment variable. */
export const SETTINGS = {
  host: {
    env: "FORESIGHT_HOST",
    unit: "address",
    sentence: "Address the web server listens on.",
    fallback: "127.0.0.1",
    parse: text,
  },
  databaseUrl: {
    env: "FORESIGHT_DATABASE_URL",
    unit: "postgres:// address",
    sentence: "A PostgreSQL server (15 or newer) to use instead of the one in the binary.",
    fallback: "",
    parse: text,
  },
  seriesUrl: {
    env: "FORESIGHT_SERIES_URL",
    unit: "questdb:// address",
    sentence: "A QuestDB server (9.3 or newer) to keep readings in, instead of the embedded store.",
    fallback: "",
    parse: questdbUrl,
    isSecret: true,
  },
  logLevel: {
    env: "FORESIGHT_LOG_LEVEL",
    unit: "level",
    sentence: "Least serious line that is printed: debug, info, warn or error.",
    fallback: "info" as "debug" | "info" | "warn" | "error",
    parse: oneOf("debug", "info", "warn", "error"),
  },
  maxBodyBytes: {
    env: "FORESIGHT_MAX_BODY_BYTES",
    unit: "bytes",
    sentence: "Largest request body after inflating; a larger one is answered with 413.",
    fallback: 64 * MIB,
    parse: integer(64 * 1024, 1024 * MIB),
  },
  receivingBytes: {
    env: "FORESIGHT_RECEIVING_BYTES",
    unit: "bytes",
    sentence:
      "Bodies of writes that may be under way at once; beyond it writes are answered with 503.",
    fallback: 256 * MIB,
    parse: integer(MIB, 16_384 * MIB),
  },
  bodySeconds: {
    env: "FORESIGHT_BODY_SECONDS",
    unit: "s",
    sentence:
      "Time in which a request's body must have arrived; then it is answered with 503 and closed.",
    fallback: 120,
    parse: integer(1, 3_600),
  },
  pendingBytes: {
    env: "FORESIGHT_PENDING_BYTES",
    unit: "bytes",
    sentence: "Bodies that may wait for the log at once; beyond it writes are answered with 503.",
    fallback: 128 * MIB,
    parse: integer(MIB, 4096 * MIB),
  },
  logMaxBytes: {
    env: "FORESIGHT_LOG_MAX_BYTES",
    unit: "bytes",
    sentence: "Size of the log at which writes are refused until its consumers have caught up.",
    fallback: 20 * 1024 * MIB,
    parse: integer(64 * MIB, 1024 * 1024 * MIB),
  },
  logMaxHours: {
    env: "FORESIGHT_LOG_MAX_HOURS",
    unit: "h",
    sentence:
      "How far a store may be behind the log before writes are refused until it catches up.",
    fallback: 24,
    parse: integer(1, 24 * 365),
  },
  logKeepBytes: {
    env: "FORESIGHT_LOG_KEEP_BYTES",
    unit: "bytes",
    sentence: "Log that is kept although every consumer has passed it.",
    fallback: 1024 * MIB,
    parse: integer(0, 1024 * 1024 * MIB),
  },
  diskFloorBytes: {
    env: "FORESIGHT_DISK_FLOOR_BYTES",
    unit: "bytes",
    sentence: "Free disk space below which writes are refused, so that the disk never fills.",
    fallback: 512 * MIB,
    parse: integer(0, 1024 * 1024 * MIB),
  },
  metricsToken: {
    env: "FORESIGHT_METRICS_TOKEN",
    unit: "text",
    sentence: "What a program must show (Bearer) to read `/metrics`; without it nobody may.",
    fallback: "",
    parse: text,
  },
  maxSeries: {
    env: "FORESIGHT_MAX_SERIES",
    unit: "series",
    sentence: "Series the installation may hold; lines of further ones are quarantined.",
    fallback: 2_000_000,
    parse: integer(1, 50_000_000),
  },
  maxSeriesPerTenant: {
    env: "FORESIGHT_MAX_SERIES_PER_TENANT",
    unit: "series",
    sentence:
      "Series one tenant may hold; lines of further ones are quarantined, known series go on.",
    fallback: 1_000_000,
    parse: integer(1, 50_000_000),
  },
  latenessMs: {
    env: "FORESIGHT_LATENESS_MS",
    unit: "ms",
    sentence:
      "How far behind its device's newest reading a reading may be before its window closes.",
    fallback: 10_000,
    parse: integer(0, 86_400_000),
  },
  duckdbMemoryBytes: {
    env: "FORESIGHT_DUCKDB_MEMORY_BYTES",
    unit: "bytes",
    sentence: "Memory the embedded series store may use.",
    fallback: 1024 * MIB,
    parse: integer(128 * MIB, 256 * 1024 * MIB),
  },
  quarantineRows: {
    env: "FORESIGHT_QUARANTINE_ROWS",
    unit: "rows",
    sentence: "Refused lines that are kept per source; older ones make room, the counter goes on.",
    fallback: 1_000,
    parse: integer(1, 1_000_000),
  },
  sessionHours: {
    env: "FORESIGHT_SESSION_HOURS",
    unit: "h",
    sentence: "How long a person stays signed in without doing anything.",
    fallback: 12,
    parse: integer(1, 24 * 90),
  },
  liveClients: {
    env: "FORESIGHT_LIVE_CLIENTS",
    unit: "pages",
    sentence: "Open pages that are updated live at once; further ones show that they are not live.",
    fallback: 500,
    parse: integer(1, 100_000),
  },
  trainerWorkers: {
    env: "FORESIGHT_TRAINER_WORKERS",
    unit: "threads",
    sentence: "Threads that training may use.",
    fallback: 2,
    parse: integer(1, 64),
  },
  tcpListen: {
    env: "FORESIGHT_TCP_LISTEN",
    unit: "HOST:PORT",
    sentence: "Where line protocol over TCP is taken (port 9009 unless named); not set, nowhere.",
    fallback: "",
    parse: address(LINE_TCP_PORT),
  },
  tcpTlsListen: {
    env: "FORESIGHT_TCP_TLS_LISTEN",
    unit: "HOST:PORT",
    sentence: "Where the same is taken over TLS; not set, nowhere.",
    fallback: "",
    parse: address(LINE_TCP_PORT),
  },
  tcpTlsCert: {
    env: "FORESIGHT_TCP_TLS_CERT",
    unit: "file",
    sentence: "Certificate for it, with those that lead to its authority (PEM).",
    fallback: "",
    parse: text,
  },
  tcpTlsKey: {
    env: "FORESIGHT_TCP_TLS_KEY",
    unit: "file",
    sentence: "The certificate's private key (PEM).",
    fallback: "",
    parse: text,
  },
  tcpSource: {
    env: "FORESIGHT_TCP_SOURCE",
    unit: "TENANT/SOURCE",
    sentence:
      "Takes lines over TCP without authentication, for this source; not set, clients sign with a key.",
    fallback: "",
    parse: tenantAndSource,
  },
  tcpDialect: {
    env: "FORESIGHT_TCP_DIALECT",
    unit: "dialect",
    sentence: "Dialect of lines over TCP: questdb, or influx for Telegraf's socket_writer.",
    fallback: "questdb" as "questdb" | "influx",
    parse: oneOf("questdb", "influx"),
  },
  tcpConnections: {
    env: "FORESIGHT_TCP_CONNECTIONS",
    unit: "connections",
    sentence: "Connections that a TCP listener holds at once; further ones are ended.",
    fallback: 12_000,
    parse: integer(1, 1_000_000),
  },
  tcpIdleSeconds: {
    env: "FORESIGHT_TCP_IDLE_SECONDS",
    unit: "s",
    sentence: "A TCP connection that sends nothing for so long is ended; 0 for never.",
    fallback: 3_600,
    parse: integer(0, 31 * 86_400),
  },
  tcpLineBytes: {
    env: "FORESIGHT_TCP_LINE_BYTES",
    unit: "bytes",
    sentence: "Longest line over TCP; a longer one ends its connection.",
    fallback: 128 * 1024,
    parse: integer(1024, MIB),
  },
  tcpBytes: {
    env: "FORESIGHT_TCP_BYTES",
    unit: "bytes",
    sentence: "What all connections of a TCP listener may hold; beyond it they are not read.",
    fallback: 32 * MIB,
    parse: integer(MIB, 4096 * MIB),
  },
  udpListen: {
    env: "FORESIGHT_UDP_LISTEN",
    unit: "HOST:PORT",
    sentence:
      "Where InfluxDB's lines over UDP are taken (port 8089 unless named); not set, nowhere.",
    fallback: "",
    parse: address(LINE_UDP_PORT),
  },
  udpSource: {
    env: "FORESIGHT_UDP_SOURCE",
    unit: "TENANT/SOURCE",
    sentence: "The source that lines over UDP count for; needed for them.",
    fallback: "",
    parse: tenantAndSource,
  },
  udpPrecision: {
    env: "FORESIGHT_UDP_PRECISION",
    unit: "unit",
    sentence: "Unit of times over UDP: ns, us, ms, s, or auto, by the size of each.",
    fallback: "auto" as "auto" | "ns" | "us" | "ms" | "s",
    parse: oneOf("auto", "ns", "us", "ms", "s"),
  },
  udpBytes: {
    env: "FORESIGHT_UDP_BYTES",
    unit: "bytes",
    sentence: "Datagrams that may wait for the log at once; further ones are dropped and counted.",
    fallback: 8 * MIB,
    parse: integer(64 * 1024, 1024 * MIB),
  },
  sealAfterSeconds: {
    env: "FORESIGHT_SEAL_AFTER_SECONDS",
    unit: "s",
    sentence: "How long after its end a day (of UTC) is sealed into the lake's files.",
    fallback: 6 * 3600,
    parse: integer(0, 7 * 86_400),
  },
  sealEverySeconds: {
    env: "FORESIGHT_SEAL_EVERY_SECONDS",
    unit: "s",
    sentence: "How often it is looked whether a day is due to be sealed.",
    fallback: 600,
    parse: integer(1, 86_400),
  },
  sealMergeSeconds: {
    env: "FORESIGHT_SEAL_MERGE_SECONDS",
    unit: "s",
    sentence:
      "How long late readings of a sealed day gather before they are merged into its files.",
    fallback: 12 * 3600,
    parse: integer(1, 7 * 86_400),
  },
  lakeS3Endpoint: {
    env: "FORESIGHT_LAKE_S3_ENDPOINT",
    unit: "address",
    sentence: "S3-compatible server that keeps a copy of sealed days; none: no copy.",
    fallback: "",
    parse: text,
  },
  lakeS3Region: {
    env: "FORESIGHT_LAKE_S3_REGION",
    unit: "name",
    sentence: "Region of that server.",
    fallback: "us-east-1",
    parse: text,
  },
  lakeS3Bucket: {
    env: "FORESIGHT_LAKE_S3_BUCKET",
    unit: "name",
    sentence: "Bucket there; it must exist.",
    fallback: "foresight",
    parse: text,
  },
  lakeS3Prefix: {
    env: "FORESIGHT_LAKE_S3_PREFIX",
    unit: "text",
    sentence: "Put before each file's name in the bucket, such as `plant-7/`.",
    fallback: "",
    parse: text,
  },
  lakeS3AccessKey: {
    env: "FORESIGHT_LAKE_S3_ACCESS_KEY",
    unit: "text",
    sentence: "Access key for the bucket.",
    fallback: "",
    parse: text,
  },
  lakeS3SecretKey: {
    env: "FORESIGHT_LAKE_S3_SECRET_KEY",
    unit: "secret",
    sentence: "Secret key for the bucket; never logged.",
    fallback: "",
    parse: text,
  },
} satisfies Record<string, Setting<unknown>>;

export type Config = { readonly [K in keyof typeof SETTINGS]: (typeof SETTINGS)[K]["fallback"] };

/**
 * Reads every setting from the given environment.
 * @throws AppError "invalid" naming the variable, what it holds and what it must be.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const entries = Object.entries(SETTINGS).map(([name, setting]) => {
    const raw = env[setting.env];
    if (raw === undefined || raw === "") return [name, setting.fallback];
    try {
      return [name, setting.parse(raw)];
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      const shown = "isSecret" in setting ? setting.env : `${setting.env}=${raw}`;
      throw new AppError("invalid", `${shown}: ${why} (${setting.unit})`, { cause });
    }
  });
  // Built from every key of SETTINGS with that key's own parser.
  return Object.fromEntries(entries) as Config;
}
