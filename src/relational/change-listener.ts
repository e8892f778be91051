import pg, { type Client, type Notification } from "pg";
import type { ChangeNotice, ConnectionSettings } from "../domain/relational.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { CHANGE_CHANNEL } from "./change.ts";
import { clientConfig } from "./pool.ts";

const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 5_000;

/**
 * Hears of every committed change on a connection of its own, which is made again when it is lost.
 * @returns how to end it.
 */
export async function listenForChanges(
  deps: { readonly settings: ConnectionSettings; readonly clock: Clock; readonly logger: Logger },
  listener: (notice: ChangeNotice) => void,
): Promise<() => Promise<void>> {
  const run = { client: undefined as Client | undefined, ended: false, failures: 0 };
  const hear = ({ payload = "" }: Notification) => {
    const notice: unknown = JSON.parse(payload);
    if (isNotice(notice)) listener(notice);
    else deps.logger.warn("a change notice is not one of ours", { payload: payload.slice(0, 200) });
  };
  const connect = async () => {
    const client = new pg.Client(clientConfig(deps.settings));
    client.on("notification", hear);
    client.on("error", (error: Error) =>
      deps.logger.debug("the connection for change notices is gone", { reason: error.message }),
    );
    await client.connect();
    await client.query(`listen ${CHANGE_CHANNEL}`);
    if (run.ended) return client.end();
    run.client = client;
    run.failures = 0;
    client.once("end", again);
  };
  const again = () => {
    run.client = undefined;
    if (run.ended) return;
    const pauseMs = Math.min(RETRY_MS_MIN * 2 ** run.failures++, RETRY_MS_MAX);
    deps.clock.after(pauseMs, () => {
      if (!run.ended) connect().catch(again);
    });
  };
  await connect();
  return async () => {
    run.ended = true;
    await run.client?.end();
  };
}

function isNotice(value: unknown): value is ChangeNotice {
  return (
    typeof value === "object" &&
    value !== null &&
    ["tenantId", "noun", "id"].every((key) => typeof Reflect.get(value, key) === "string")
  );
}
