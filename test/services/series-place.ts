import { findQuestdb, type QuestdbServer, startQuestdb } from "./questdb-server.ts";

const isQuestdb = () => process.env.FORESIGHT_TEST_SERIES === "questdb";

/** Whether the suites run with QuestDB as the store of readings: FORESIGHT_TEST_SERIES=questdb. */
export const IS_ON_QUESTDB = isQuestdb();

const servers = new Map<"shared", Promise<QuestdbServer>>();

/** Small in memory and on disk; with FORESIGHT_TEST_QUESTDB=peer as it comes, for a bench. */
function sharedServer(): Promise<QuestdbServer> {
  const known = servers.get("shared");
  if (known !== undefined) return known;
  const found = findQuestdb();
  if (!found.ok) throw new Error(found.why);
  const isPeer = process.env.FORESIGHT_TEST_QUESTDB === "peer";
  const started = startQuestdb(found.value, { isPeer }).then((server) => {
    // It goes with us; its folder is the runner's.
    process.once("exit", () => void server.kill());
    return server;
  });
  servers.set("shared", started);
  return started;
}

const prefixOf = (data: string) => `t${Bun.hash(data).toString(36)}`;

/** Copies the tables of one data folder for a copy of that folder. Nothing may write to them meanwhile. */
export async function copySeries(from: string, to: string): Promise<void> {
  const { query } = await sharedServer();
  const own = `select table_name from tables() where table_name like '${prefixOf(from)}\\_%'`;
  for (const [name] of await query(own)) {
    const [made] = await query(`show create table ${name}`);
    const copy = String(name).replace(prefixOf(from), prefixOf(to));
    await query(String(made?.[0]).replace(String(name), copy));
    await query(`insert into ${copy} select * from ${name}`);
    await query(`select wait_wal_table('${copy}')`);
  }
}

/**
 * Environment that puts the readings of a data folder where the suites run: nothing for the embedded
 * store, tables of its own on one QuestDB otherwise. One folder gets the same tables each time.
 */
export async function seriesEnv(data: string | undefined): Promise<Record<string, string>> {
  if (!isQuestdb() || data === undefined) return {};
  const { seriesUrl } = await sharedServer();
  return { FORESIGHT_SERIES_URL: `${seriesUrl}&prefix=${prefixOf(data)}` };
}

/** Runs something with QuestDB as the store of readings, as it comes, and takes it away again. */
export async function onWholeQuestdb(run: () => Promise<void>): Promise<void> {
  process.env.FORESIGHT_TEST_SERIES = "questdb";
  process.env.FORESIGHT_TEST_QUESTDB = "peer";
  try {
    await run();
  } finally {
    await (await servers.get("shared"))?.stop();
  }
}

/** Processes beside a server that hold its readings. */
export async function seriesPids(): Promise<number[]> {
  const server = await servers.get("shared");
  return server === undefined ? [] : [server.pid()];
}
