import { findQuestdb, type QuestdbServer, startQuestdb } from "./questdb-server.ts";

/** Whether the suites run with QuestDB as the store of readings: FORESIGHT_TEST_SERIES=questdb. */
export const IS_ON_QUESTDB = process.env.FORESIGHT_TEST_SERIES === "questdb";

const servers = new Map<"shared", Promise<QuestdbServer>>();

function sharedServer(): Promise<QuestdbServer> {
  const known = servers.get("shared");
  if (known !== undefined) return known;
  const found = findQuestdb();
  if (!found.ok) throw new Error(found.why);
  const started = startQuestdb(found.value).then((server) => {
    process.once("exit", () => void server.stop());
    return server;
  });
  servers.set("shared", started);
  return started;
}

/**
 * Environment that puts the readings of a data folder where the suites run: nothing for the embedded
 * store, tables of its own on one QuestDB otherwise. One folder gets the same tables each time.
 */
export async function seriesEnv(data: string | undefined): Promise<Record<string, string>> {
  if (!IS_ON_QUESTDB || data === undefined) return {};
  const { seriesUrl } = await sharedServer();
  return { FORESIGHT_SERIES_URL: `${seriesUrl}&prefix=t${Bun.hash(data).toString(36)}` };
}
