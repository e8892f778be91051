import { afterAll, beforeAll, expect } from "bun:test";
import { createSocket, type Socket } from "node:dgram";
import { writeFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import type { ListenerState } from "../../src/domain/operation.ts";
import { COLLECTD, collectd } from "../services/collectd.ts";
import { freePort } from "../services/free-port.ts";
import { testWith } from "../services/needs.ts";
import { snippet } from "../services/snippets.ts";
import { temporaryFolder } from "../services/temporary-folder.ts";
import { waitFor } from "../services/wait.ts";
import { binary, foresight, foresightOk } from "./harness.ts";
import { type Plant, readingsOf, seriesNoOf, startPlant, type Tenant } from "./plant.ts";

const START_US = 1_790_000_000_000_000;
const HOUR_US = 3_600_000_000;
const LIMIT_MS = 60_000;
let plant: Plant;
let acme: Tenant;
let ports: { tcp: number; udp: number };
let sender: Socket;

beforeAll(async () => {
  if (!binary.ok) return;
  ports = { tcp: await freePort(), udp: await freePort() };
  plant = await startPlant(["acme"], {
    env: {
      FORESIGHT_TCP_LISTEN: `127.0.0.1:${ports.tcp}`,
      FORESIGHT_TCP_SOURCE: "acme/floor",
      FORESIGHT_TCP_DIALECT: "influx",
      FORESIGHT_UDP_LISTEN: `127.0.0.1:${ports.udp}`,
      FORESIGHT_UDP_SOURCE: "acme/hosts",
    },
  });
  const [first] = plant.tenants;
  if (first === undefined) throw new Error("no tenant");
  acme = first;
  sender = createSocket("udp4");
}, 120_000);

afterAll(async () => {
  sender?.close();
  await plant?.server.stop();
});

const send = (text: string) =>
  new Promise<void>((resolve, reject) =>
    sender.send(text, ports.udp, "127.0.0.1", (error) => (error ? reject(error) : resolve())),
  );

function stored(query: string, count: number): Promise<[number, number][]> {
  return waitFor(`${count} readings of ${query}`, async () => {
    const found = await readingsOf(
      acme,
      await seriesNoOf(acme, query),
      START_US,
      START_US + HOUR_US,
    );
    return found.length >= count ? found : undefined;
  });
}

async function listeners(data: string): Promise<ListenerState[]> {
  const ran = await foresightOk(["listeners", "--data", data, "--json"]);
  return JSON.parse(ran.stdout) as ListenerState[]; // the command's documented form
}

const sourceNames = async () => {
  const { body } = await acme.admin.get("/api/v1/sources/acme");
  return body.items.map((one: { name: string }) => one.name);
};

testWith(binary)(
  "each datagram is whole lines; a bad one is kept and spoils no other",
  async () => {
    await send(`m,asset=U first_u=1 ${START_US}000\nm,asset=U first_u=2 ${START_US / 1000 + 1}`);
    await send('m,asset=U open="no end');
    await send("m,asset=U first_u= 1");
    await send(`m,asset=U last_u=3 ${START_US}000\n`);
    expect(await stored("first_u", 2)).toEqual([
      [START_US, 1],
      [START_US + 1000, 2],
    ]);
    expect(await stored("last_u", 1)).toEqual([[START_US, 3]]);
    const udp = await waitFor("both bad lines", async () =>
      (await listeners(plant.server.data)).find(
        (one) => one.name === "udp" && one.rejectedLines > 1,
      ),
    );
    expect(udp).toMatchObject({ datagrams: 4, readings: 3, rejectedLines: 2, droppedDatagrams: 0 });
    const answer = await acme.admin.get("/api/v1/quarantine/acme?limit=100");
    const reasons = answer.body.items.map((one: { reason: string }) => one.reason);
    expect(reasons).toContain("the string has no closing quote");
    expect(reasons).toContain("missing field value");
    expect(await sourceNames()).toContain("hosts");
  },
);

testWith(binary)(
  "a listener that is bound to a source takes lines without a key",
  async () => {
    const socket = net.connect(ports.tcp, "127.0.0.1");
    await new Promise<void>((resolve) => socket.on("connect", () => resolve()));
    socket.write(
      `# Telegraf's dialect\nm,asset=T\\\\t tele=1 ${START_US}000\nm,asset=T tele=no 1\n`,
    );
    socket.end(`m,asset=T\\\\t tele=2,text="a\nb" ${START_US + 1}000\n`);
    expect(await stored("tele", 2)).toEqual([
      [START_US, 1],
      [START_US + 1, 2],
    ]);
    expect(await sourceNames()).toContain("floor");
  },
  LIMIT_MS,
);

/** Ports at which a process listens or takes datagrams, by its own descriptors. */
async function openPorts(pid: number): Promise<string[]> {
  const inodes = new Set<string>();
  const list = Bun.spawnSync(["ls", "-l", `/proc/${pid}/fd`]).stdout.toString();
  for (const [, inode] of list.matchAll(/socket:\[(\d+)\]/g)) if (inode) inodes.add(inode);
  const found: string[] = [];
  for (const kind of ["tcp", "tcp6", "udp", "udp6"]) {
    const table = await Bun.file(`/proc/${pid}/net/${kind}`).text();
    for (const row of table.trim().split("\n").slice(1)) {
      const [, local = "", , state, , , , , , inode = ""] = row.trim().split(/\s+/);
      const isOpen = kind.startsWith("udp") || state === "0A";
      if (isOpen && inodes.has(inode))
        found.push(`${kind} ${Number.parseInt(local.split(":")[1] ?? "", 16)}`);
    }
  }
  return found.sort();
}

testWith(binary)(
  "nothing listens but the web server unless a setting says so",
  async () => {
    const plain = await startPlant([]);
    try {
      expect(await openPorts(plain.server.pid)).toEqual([`tcp ${plain.server.port}`]);
      expect(await listeners(plain.server.data)).toEqual([]);
    } finally {
      await plain.server.stop();
    }
    expect(await openPorts(plant.server.pid)).toEqual(
      [`tcp ${plant.server.port}`, `tcp ${ports.tcp}`, `udp ${ports.udp}`].sort(),
    );
  },
  LIMIT_MS,
);

testWith(binary)(
  "a listener that cannot be started stops the start, and says why",
  async () => {
    const data = `${temporaryFolder("refused")}/data`;
    const args = ["serve", "--data", data, "--port", String(await freePort())];
    const unbound = await foresight(args, { env: { FORESIGHT_UDP_LISTEN: "127.0.0.1" } });
    expect(unbound.code).not.toBe(0);
    expect(unbound.stderr).toContain("needs FORESIGHT_UDP_SOURCE=TENANT/SOURCE");
    const noCertificate = await foresight(args, {
      env: { FORESIGHT_TCP_TLS_LISTEN: "127.0.0.1", FORESIGHT_TCP_TLS_CERT: "/nowhere.pem" },
    });
    expect(noCertificate.code).not.toBe(0);
    expect(noCertificate.stderr).toContain("FORESIGHT_TCP_TLS_CERT=/nowhere.pem");
    const taken = { FORESIGHT_TCP_LISTEN: `127.0.0.1:${plant.server.port}` };
    const second = await foresight(args, { env: taken });
    expect(second.code).not.toBe(0);
    expect(second.stderr).toContain(`tcp: cannot listen at 127.0.0.1:${plant.server.port}`);
  },
  LIMIT_MS,
);

testWith(binary, collectd)(
  "collectd's write_influxdb_udp writes what it reads",
  async () => {
    const folder = temporaryFolder("collectd");
    const config = join(folder, "collectd.conf");
    const plugin = snippet("line-protocol.md", "write_influxdb_udp", {
      'Server "plant.example" "8089"': `Server "127.0.0.1" "${ports.udp}"`,
      // A datagram goes when it is full: here after a second.
      StoreRates: "MaxPacketSize 1024\n  StoreRates",
    });
    writeFileSync(
      config,
      `Hostname "gateway-7"
BaseDir "${folder}"
PIDFile "${folder}/pid"
TypesDB "/usr/share/collectd/types.db"
Interval 1
LoadPlugin uptime
LoadPlugin memory
LoadPlugin cpu
LoadPlugin load
${plugin}`,
    );
    const beforeUs = Date.now() * 1000;
    const child = Bun.spawn([COLLECTD, "-f", "-C", config], { stdout: "pipe", stderr: "pipe" });
    try {
      const seriesNo = await seriesNoOf(acme, "uptime");
      const readings = await waitFor("two readings of collectd", async () => {
        const found = await readingsOf(acme, seriesNo, beforeUs, beforeUs + HOUR_US);
        return found.length > 1 ? found : undefined;
      });
      const [[firstAtUs, first], [secondAtUs, second]] = readings as [
        [number, number],
        [number, number],
      ];
      expect(firstAtUs - beforeUs).toBeLessThan(60_000_000);
      expect(secondAtUs).toBeGreaterThan(firstAtUs);
      expect(second).toBeGreaterThan(first);
    } finally {
      child.kill();
      await child.exited;
    }
  },
  LIMIT_MS,
);
