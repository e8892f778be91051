import { temporaryFolder } from "../services/temporary-folder.ts";
import { waitFor } from "../services/wait.ts";
import { type ApiClient, apiClient, signedInClient } from "./api-client.ts";
import {
  createToken,
  PASSWORD,
  type Server,
  type ServerOptions,
  setUpTenant,
  startServer,
} from "./harness.ts";

/** A tenant on a running server, with what is needed to write and to read. */
export type Tenant = {
  readonly id: string;
  readonly writeToken: string;
  /** Sends readings. */
  readonly device: ApiClient;
  /** The administrator's. */
  readonly admin: ApiClient;
};

export type Plant = { readonly server: Server; readonly tenants: readonly Tenant[] };

/** Sets a tenant up on a running server. */
export async function addTenant(server: Server, id: string, zone = "UTC"): Promise<Tenant> {
  await setUpTenant(server.data, id, zone);
  const writeToken = await createToken(server.data, id, "write");
  return {
    id,
    writeToken,
    device: apiClient(server.url, writeToken),
    admin: await signedInClient(server.url, id, `admin@${id}.example`, PASSWORD),
  };
}

/** A server on a fresh data folder with these tenants. */
export async function startPlant(
  tenantIds: readonly string[],
  options: Partial<ServerOptions> = {},
): Promise<Plant> {
  const server = await startServer({ data: `${temporaryFolder("plant")}/data`, ...options });
  const tenants: Tenant[] = [];
  for (const id of tenantIds) tenants.push(await addTenant(server, id));
  return { server, tenants };
}

/** The number of the tenant's one series that the text finds; waits until it is listed. */
export function seriesNoOf(tenant: Tenant, query: string): Promise<number> {
  return waitFor(`series ${query}`, async () => {
    const answer = await tenant.admin.get(
      `/api/v1/series/${tenant.id}?query=${encodeURIComponent(query)}`,
    );
    const items = answer.body.items as { seriesNo: number }[]; // documented form
    if (items.length > 1) throw new Error(`${items.length} series match ${query}`);
    return items[0]?.seriesNo;
  });
}

/** Raw readings of a series as [time in µs, value]. */
export async function readingsOf(
  tenant: Tenant,
  seriesNo: number,
  fromUs: number,
  toUs: number,
): Promise<[number, number][]> {
  const answer = await tenant.admin.get(
    `/api/v1/series/${tenant.id}/${seriesNo}/readings` +
      `?fromUs=${fromUs}&toUs=${toUs}&tier=raw&maxPoints=20000`,
  );
  if (answer.status !== 200) throw new Error(`readings: ${JSON.stringify(answer.body)}`);
  const { atUs, mean } = answer.body as { atUs: number[]; mean: number[] };
  return atUs.map((at, i) => [at, mean[i] ?? Number.NaN]);
}

/** Adopts everything that waits in the inbox as its device names it. */
export async function adoptAll(tenant: Tenant, seriesNos: readonly number[]): Promise<void> {
  const answer = await tenant.admin.post(`/api/v1/inbox/${tenant.id}/adoptions`, {
    adoptions: seriesNos.map((seriesNo) => ({ seriesNo })),
  });
  if (answer.status !== 200) throw new Error(`adoption: ${JSON.stringify(answer.body)}`);
}
