import { afterAll, beforeAll, expect } from "bun:test";
import type { QuarantineAccount, QuarantineGroup } from "../../src/domain/quarantine.ts";
import { testWith } from "../services/needs.ts";
import { waitFor } from "../services/wait.ts";
import { apiClient, signedInClient } from "./api-client.ts";
import { binary, PASSWORD, startServer } from "./harness.ts";
import { type Plant, readingsOf, startPlant, type Tenant } from "./plant.ts";

const START_US = 1_790_000_000_000_000;
const at = (seconds: number) => START_US + seconds * 1_000_000;
const LIMIT = 2;
let plant: Plant;
let acme: Tenant;

beforeAll(async () => {
  if (!binary.ok) return;
  plant = await startPlant(["acme"], { env: { FORESIGHT_MAX_SERIES_PER_TENANT: String(LIMIT) } });
  const [first] = plant.tenants;
  if (first === undefined) throw new Error("no tenant");
  acme = first;
}, 120_000);

afterAll(async () => {
  await plant?.server.stop();
});

const quarantine = (rest = "") => `/api/v1/quarantine/${acme.id}${rest}`;

async function kept(lines: number): Promise<readonly QuarantineGroup[]> {
  return waitFor(`${lines} kept lines`, async () => {
    const { groups } = (await acme.admin.get(quarantine())).body as { groups: QuarantineGroup[] };
    return groups.reduce((sum, one) => sum + one.count, 0) === lines ? groups : undefined;
  });
}

/** The source's ledger once it has received as much; its parts add up. */
function ledger(received: number): Promise<Record<string, number>> {
  return waitFor(`${received} received`, async () => {
    const { body } = await acme.admin.get(`/api/v1/sources/${acme.id}`);
    const [source] = body.items as { account: Record<string, number> }[];
    if (source?.account.received !== received || source.account.undecided !== 0) return undefined;
    const { stored = 0, known = 0, corrected = 0, refused = 0 } = source.account;
    expect(stored + known + corrected + refused).toBe(received);
    return source.account;
  });
}

/** The same data folder with room for all series. */
async function restart(): Promise<void> {
  await plant.server.stop();
  const server = await startServer({ data: plant.server.data });
  plant = { ...plant, server };
  acme = {
    ...acme,
    device: apiClient(server.url, acme.writeToken),
    admin: await signedInClient(server.url, acme.id, `admin@${acme.id}.example`, PASSWORD),
  };
}

testWith(binary)(
  "lines that found no room are kept, and replayed once there is some",
  async () => {
    const lines = [
      ...Array.from({ length: LIMIT }, (_, i) => `oil,asset=K${i} t=${i} ${at(i)}`),
      ...Array.from({ length: 3 }, (_, i) => `oil,asset=N${i} t=${i},p=1 ${at(i)}`),
      "oil,asset=N0 t=abc",
      `oil,asset=N0 t=7,p=2`,
    ];
    expect((await acme.device.write(lines.join("\n"))).status).toBe(400);
    const groups = await kept(5);
    expect(groups.map(({ count, replayable }) => [count, replayable])).toEqual([
      [4, 4],
      [1, 1],
    ]);
    const sourceId = groups[0]?.sourceId;
    const [account] = (await acme.admin.get(quarantine())).body.accounts as QuarantineAccount[];
    expect(account).toMatchObject({ refused: 5, kept: 5, notKept: 0, removed: 0, replayed: 0 });
    const nothing = await acme.admin.post(quarantine("/replays"), {});
    expect([nothing.status, JSON.stringify(nothing.body)]).toEqual([
      422,
      expect.stringContaining("say which lines"),
    ]);

    // Nothing has changed yet: all of them stay, and are not counted as refused again.
    const early = await acme.admin.post(quarantine("/replays"), { sourceId });
    expect(early.body).toMatchObject({ replayed: 0, refused: 5, notWhole: 0, isWhole: true });
    await ledger(LIMIT + 5);
    const before = Date.now() * 1_000;
    await restart();

    const key = { "idempotency-key": "replay-1" };
    const done = await acme.admin.post(quarantine("/replays"), { sourceId }, key);
    expect(done.body).toMatchObject({ replayed: 4, refused: 1, isWhole: true });
    expect(done.body.reasons).toEqual([{ reason: "invalid value abc", lines: 1 }]);
    const after = await ledger(LIMIT + 8 + 1);
    expect(after).toMatchObject({ stored: LIMIT + 8, refused: 1, known: 0 });
    // Sent again with the same key: the first answer, and nothing is done.
    expect((await acme.admin.post(quarantine("/replays"), { sourceId }, key)).body).toEqual(
      done.body,
    );
    expect((await kept(1))[0]?.reason).toBe("invalid value abc");
    // The line without a time has the time at which it first came.
    const series = await acme.admin.get(`/api/v1/series/${acme.id}?query=N0`);
    const [no = 0] = (series.body.items as { seriesNo: number }[]).map((one) => one.seriesNo);
    const read = await readingsOf(acme, no, at(0), before + 1);
    expect(read.length).toBe(2);
    expect(read[0]?.[0]).toBe(at(0));
    expect((read[1]?.[0] ?? 0) < before).toBe(true);
  },
  60_000,
);

testWith(binary)(
  "more lines than are kept are counted, and what is deleted goes on counting",
  async () => {
    const bad = Array.from({ length: 120 }, (_, i) => `gas,asset=B v=x${i}`).join("\n");
    expect((await acme.device.write(bad)).status).toBe(400);
    await kept(101);
    const accounts = async () =>
      ((await acme.admin.get(quarantine())).body.accounts as QuarantineAccount[])[0];
    // Of one request the first 100 are kept; 1 is left of the test before.
    expect(await accounts()).toMatchObject({ refused: 121, kept: 101, notKept: 20, replayed: 4 });
    const reason = "invalid value x7";
    const gone = await acme.admin.post(quarantine("/removals"), { reason });
    expect(gone.body).toEqual({ removed: 1 });
    const sourceId = (await accounts())?.sourceId;
    const rest = await acme.admin.post(quarantine("/removals"), { sourceId });
    expect(rest.body).toEqual({ removed: 100 });
    expect(await accounts()).toMatchObject({ refused: 121, kept: 0, notKept: 20, removed: 101 });
    const audit = await acme.admin.get(`/api/v1/audit/${acme.id}?limit=1000`);
    const acts = (audit.body.items as { action: string; before: unknown }[]).filter(
      ({ action }) => action === "quarantine.remove",
    );
    expect(acts.map(({ before }) => before)).toEqual([
      { lines: 100, sourceId },
      { lines: 1, reason },
    ]);
  },
  60_000,
);
