import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import type { ListenerState } from "../../src/domain/operation.ts";
import { freePort } from "../services/free-port.ts";
import { need, testWith } from "../services/needs.ts";
import { waitFor } from "../services/wait.ts";
import { binary, foresightOk } from "../system/harness.ts";
import { readingsOf, seriesNoOf, startPlant } from "../system/plant.ts";

const CONNECTIONS = 10_000;
const AT_ONCE = 250;
const START_US = 1_790_000_000_000_000;
/** What a connection that waits may cost the server, with the runtime's own share. */
const CONNECTION_BYTES = 8 * 1024;

const limit = Number(
  /Max open files\s+\d+\s+(\d+)/.exec(readFileSync("/proc/self/limits", "utf8"))?.[1],
);
const descriptors = need(
  limit > CONNECTIONS + 1_000,
  `a process may open ${limit} files; ${CONNECTIONS} connections need more`,
);

const residentBytes = (pid: number) =>
  1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);

type Client = { write(text: string): number; end(): void };

/** Opens so many connections that send nothing; some at a time, as the system queues only so many. */
async function connectAll(port: number, count: number): Promise<Client[]> {
  const clients: Client[] = [];
  while (clients.length < count) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - clients.length) }, () =>
      Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } }),
    );
    clients.push(...(await Promise.all(some)));
  }
  return clients;
}

testWith(binary, descriptors)(
  "10,000 idle TCP connections, each with a part of a line, and writes go through",
  async () => {
    const port = await freePort();
    const { server, tenants } = await startPlant(["acme"], {
      // The limits that a service file gives (LimitNOFILE).
      wrap: ["sh", "-c", `ulimit -n ${limit}; exec "$@"`, "sh"],
      env: { FORESIGHT_TCP_LISTEN: `127.0.0.1:${port}`, FORESIGHT_TCP_SOURCE: "acme/floor" },
    });
    const [acme] = tenants;
    if (acme === undefined) throw new Error("no tenant");
    const tcp = async () => {
      const ran = await foresightOk(["listeners", "--data", server.data, "--json"]);
      return (JSON.parse(ran.stdout) as ListenerState[])[0];
    };
    let clients: Client[] = [];
    try {
      const before = residentBytes(server.pid);
      clients = await connectAll(port, CONNECTIONS);
      await waitFor("all connections", async () => (await tcp())?.connections === CONNECTIONS);
      const part = "m,asset=idle idle_part=1";
      for (const client of clients) client.write(part);
      await waitFor(
        "all parts",
        async () => (await tcp())?.heldBytes === CONNECTIONS * part.length,
      );
      const grown = residentBytes(server.pid) - before;
      expect(grown).toBeLessThan(CONNECTIONS * CONNECTION_BYTES);
      clients[CONNECTIONS - 1]?.write(` ${START_US}000\n`);
      const [last] = await Promise.all([
        seriesNoOf(acme, "idle_part"),
        acme.device.write(`m,asset=web over_http=2 ${START_US}`),
      ]);
      expect(await readingsOf(acme, last, START_US, START_US + 1)).toEqual([[START_US, 1]]);
      const web = await seriesNoOf(acme, "over_http");
      expect(await readingsOf(acme, web, START_US, START_US + 1)).toEqual([[START_US, 2]]);
      for (const client of clients) client.end();
      const after = await waitFor("them to be gone", async () => {
        const now = await tcp();
        return now?.connections === 0 && now;
      });
      expect(after).toMatchObject({ heldBytes: 0, partialLines: CONNECTIONS - 1, readings: 1 });
    } finally {
      for (const client of clients) client.end();
      expect(await server.stop()).toBe(0);
    }
  },
  120_000,
);
