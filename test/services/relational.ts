import { afterAll, beforeAll, describe } from "bun:test";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg, { type Pool } from "pg";
import connect, { type Sql } from "postgres";
import type { ConnectionSettings, Relational } from "../../src/domain/relational.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { createSecretBox } from "../../src/lib/secret-box.ts";
import { unpackPostgres } from "../../src/native/postgres.ts";
import { openRelational, type RelationalDeps } from "../../src/relational/index.ts";
import { clientConfig } from "../../src/relational/pool.ts";
import { type Found, need, testWith } from "./needs.ts";
import { findPostgres, startPostgres } from "./postgres-server.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Where the relational store can live; every suite runs on each. */
export type RelationalPlace = {
  readonly name: string;
  readonly need: Found<unknown>;
  start(): Promise<{ place: RelationalDeps["place"]; stop(): Promise<void> }>;
};

/** Making a database takes a second, on a busy machine many. */
const START_MS_MAX = 60_000;

const root = join(import.meta.dir, "..", "..");
/** Starts `pg-guard` from the repository. */
export const guardCommand = [process.execPath, join(import.meta.dir, "pg-guard.ts")];

/** What the embedded PostgreSQL needs, on a data folder of its own. */
export async function embeddedPlace(dataFolder: string) {
  const pgRoot = await unpackPostgres(join(root, "build", "runtime"));
  const uid = process.getuid?.() ?? 1;
  const where = { pgRoot, dataFolder, tempFolder: tmpdir(), self: guardCommand, uid };
  return { kind: "embedded" as const, ...where };
}

const postgres = findPostgres();

export const RELATIONAL_PLACES: readonly RelationalPlace[] = [
  {
    name: "embedded",
    need: need(true, ""),
    start: async () => ({
      place: await embeddedPlace(temporaryFolder("relational")),
      stop: async () => {},
    }),
  },
  {
    name: "server",
    need: postgres,
    start: async () => {
      if (!postgres.ok) throw new Error(postgres.why);
      const server = await startPostgres(postgres.value);
      return { place: { kind: "server", url: server.url }, stop: server.stop };
    },
  },
];

/** Opens the store with a clock, ids and key as in production. */
export function openForTest(
  place: RelationalDeps["place"],
  over: Partial<RelationalDeps> = {},
): Promise<Relational> {
  return openRelational({
    ...{ clock: systemClock, logger: silentLogger, quarantineRows: 5, place },
    ...{ newId: () => Bun.randomUUIDv7(), randomBytes },
    secretBox: createSecretBox(new Uint8Array(32).fill(7), randomBytes),
    ...over,
  });
}

export type PlaceSuite = {
  /** `test` where the place can be had; otherwise it skips and says why. */
  readonly test: ReturnType<typeof testWith>;
  readonly store: () => Relational;
  /** A pool of its own, as the user that owns the tables. */
  readonly admin: () => Sql;
  /** The same, with the driver that the product uses. */
  readonly pool: () => Pool;
};

/** Runs a suite once on each place, with a store opened before and closed after it. */
export function onEveryPlace(name: string, suite: (on: PlaceSuite) => void): void {
  for (const place of RELATIONAL_PLACES) {
    describe(`${name} on ${place.name}`, () => {
      let opened:
        | { store: Relational; admin: Sql; pool: Pool; stop: () => Promise<void> }
        | undefined;
      const own = () => {
        if (opened === undefined) throw new Error(`${place.name} was not started`);
        return opened;
      };
      beforeAll(async () => {
        if (!place.need.ok) return;
        const { place: where, stop } = await place.start();
        const store = await openForTest(where);
        const settings = store.connectionSettings;
        const pool = new pg.Pool({ ...clientConfig(settings), max: 2 });
        // A connection that ends while its server stops may still be told so.
        pool.on("error", () => {});
        pool.on("connect", (client) => void client.on("error", () => {}));
        opened = { store, admin: adminPool(settings), pool, stop };
      }, START_MS_MAX);
      afterAll(async () => {
        await opened?.admin.end({ timeout: 1 });
        await opened?.pool.end();
        await opened?.store.close();
        await opened?.stop();
      }, START_MS_MAX);
      suite({
        test: testWith(place.need),
        store: () => own().store,
        admin: () => own().admin,
        pool: () => own().pool,
      });
    });
  }
}

function adminPool(settings: ConnectionSettings): Sql {
  const options = { max: 2, onnotice: () => {}, connection: { search_path: "foresight" } };
  if ("connectionString" in settings) return connect(settings.connectionString, options);
  const path = `${settings.host}/.s.PGSQL.${settings.port}`;
  return connect({ ...options, path, user: settings.user, database: settings.database });
}
