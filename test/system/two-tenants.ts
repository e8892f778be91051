import type { Permission } from "../../src/domain/access.ts";
import { startDemoPlant } from "../services/demo-plant.ts";
import { apiClient, signedInClient } from "./api-client.ts";
import { createToken, PASSWORD, type Server, setUpTenant } from "./harness.ts";
import { INVENTED, type NounMaker, type Nouns, nounMaker } from "./nouns.ts";

/** One route of the API, from the running server's own table. */
export type TableRoute = {
  readonly method: string;
  readonly path: string;
  readonly permission: Permission;
};

/** A server with a tenant that has everything, whose people try, and a small one beside it. */
export type TwoTenants = {
  readonly server: Server;
  readonly table: readonly TableRoute[];
  readonly owner: NounMaker;
  readonly foreign: NounMaker;
  /** What the small tenant owns. */
  readonly theirs: Nouns;
  /** Everything of the small tenant that a request of others must not change. */
  snapshot(): Promise<string>;
};

export const OTHER = "other";

async function readTable(url: string): Promise<TableRoute[]> {
  const { body } = await apiClient(url, "").get("/api/v1/openapi.json");
  const paths = body.paths as Record<string, Record<string, { "x-permission": Permission }>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: path.replace(/\{(\w+)\}/g, ":$1"),
      permission: operation["x-permission"],
    })),
  );
}

/** Starts the demo plant and sets a second tenant up beside it. */
export async function startTwoTenants(): Promise<TwoTenants> {
  const { server, tenantId } = await startDemoPlant();
  await setUpTenant(server.data, OTHER);
  const table = await readTable(server.url);
  const ownerKey = await createToken(server.data, tenantId, "admin", "owner");
  const owner = await nounMaker(server, tenantId, apiClient(server.url, ownerKey));
  const admin = await signedInClient(server.url, OTHER, `admin@${OTHER}.example`, PASSWORD);
  const foreign = await nounMaker(server, OTHER, admin);
  const made = await foreign.make();
  // A small tenant has learnt nothing yet: there an id stands in that is nobody's.
  const { prediction = INVENTED.prediction, model = INVENTED.model } = made;
  // What the jobs do and where the log stands is the installation's, and goes on by itself.
  const ownWays = ["/job-runs/", "/system/"];
  const lists = table.filter(
    (r) =>
      r.method === "GET" &&
      r.path.endsWith("/:tenantId") &&
      !ownWays.some((part) => r.path.includes(part)),
  );
  return {
    server,
    table,
    owner,
    foreign,
    theirs: { ...made, prediction, model },
    async snapshot() {
      const parts = [];
      for (const route of lists) {
        const path = route.path.replace(":tenantId", OTHER);
        parts.push(`${path} ${JSON.stringify((await admin.get(path)).body)}`);
      }
      return parts.join("\n").replace(/"last(Used|Seen|Received)AtUs":\d+/g, "");
    },
  };
}

/** A text without what differs by nature: the ids that were asked for, and made-up names. */
export function withoutIds(text: string, ids: Nouns): string {
  let out = text;
  for (const id of Object.values(ids)) {
    // Numbers only as whole words: their digits stand in other ids as well.
    if (typeof id === "number") out = out.replace(new RegExp(`\\b${id}\\b`, "g"), "#");
    else if (id !== undefined) out = out.replaceAll(id, "#");
  }
  return out.replace(/u\d+x/g, "#");
}
