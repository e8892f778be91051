import { afterAll, beforeAll, expect } from "bun:test";
import type { QuarantineAccount, QuarantineGroup } from "../../src/domain/quarantine.ts";
import { testWith } from "../services/needs.ts";
import { waitFor } from "../services/wait.ts";
import { apiClient, signedInClient } from "./api-client.ts";
import { binary, PASSWORD, startServer } from "./harness.ts";
import { type Plant, readingsOf, seriesNoOf, startPlant, type Tenant } from "./plant.ts";

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
    const { stored = 0, known = 0, corrected = 0, refused = 0, ignored = 0 } = source.account;
    expect(stored + known + corrected + refused + ignored).toBe(received);
    return source.account;
  });
}

/** Clients of the server as it runs now. */
async function signIn(): Promise<void> {
  const { url } = plant.server;
  acme = {
    ...acme,
    device: apiClient(url, acme.writeToken),
    admin: await signedInClient(url, acme.id, `admin@${acme.id}.example`, PASSWORD),
  };
}

/** The same data folder on another server, now with room for all series. */
async function restart(): Promise<void> {
  await plant.server.stop();
  plant = { ...plant, server: await startServer({ data: plant.server.data }) };
  await signIn();
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

testWith(binary)(
  "a rule mends what a device sends, now and in what was kept, and is dropped again",
  async () => {
    const rules = (rest = "") => `/api/v1/mapping-rules/${acme.id}${rest}`;
    const written = [`vib,asset=V rms="2,5" ${at(1)}`, `vib,asset=V rms="off" ${at(2)}`];
    expect((await acme.device.write(`vib,asset=V rms=1.5 ${at(0)}`)).status).toBe(204);
    expect((await acme.device.write(written.join("\n"))).status).toBe(400);
    const [group] = await kept(2);
    expect(group).toMatchObject({ reason: "field rms is numeric, the line has state", count: 2 });
    const { sourceId = "", reason = "" } = group ?? {};
    const before = (await acme.admin.get(`/api/v1/sources/${acme.id}/${sourceId}`)).body.account;

    const rule = { sourceId, change: { kind: "convert", name: "rms", to: "numeric" } };
    const preview = await acme.admin.post(rules("/previews"), { ...rule, reason });
    expect(preview.body).toMatchObject({ lines: 2, readings: 1, refused: 1, isWhole: true });
    expect(preview.body.samples[0].becomes).toStartWith("vib,asset=V rms=2.5 2026-");
    const made = await acme.admin.post(rules(), rule);
    expect(made.status).toBe(201);
    const drop = { sourceId, change: { kind: "drop", part: "field", name: "note" } };
    expect((await acme.admin.post(rules(), drop)).status).toBe(201);

    const done = await acme.admin.post(quarantine("/replays"), { sourceId });
    expect(done.body).toMatchObject({ replayed: 1, refused: 1 });
    const now = `vib,asset=V rms="3.5",note="ok" ${at(3)}`;
    expect((await acme.device.write(now)).status).toBe(204);
    const no = await seriesNoOf(acme, "V");
    await waitFor("three readings", async () => {
      const read = await readingsOf(acme, no, at(0), at(10));
      return read.length === 3;
    });
    expect(await readingsOf(acme, no, at(0), at(10))).toEqual([
      [at(0), 1.5],
      [at(1), 2.5],
      [at(3), 3.5],
    ]);
    // Two readings more, one that was ignored; the refused line that was replayed is none any more.
    const after = await ledger(before.received + 2 + 1 - 1);
    expect(after).toMatchObject({ ignored: 1, refused: before.refused - 1 });

    const removed = await acme.admin.request("DELETE", rules(`/${made.body.id}`));
    expect(removed.status).toBe(204);
    expect((await acme.device.write(`vib,asset=V rms="4.5" ${at(4)}`)).status).toBe(400);
    const left = (await acme.admin.get(rules(`?sourceId=${sourceId}`))).body.items;
    expect(left.map((one: { change: unknown }) => one.change)).toEqual([drop.change]);
    // Rules outlive the server.
    await restart();
    const again = `vib,asset=V rms=5.5,note="x" ${at(5)}`;
    expect((await acme.device.write(again)).status).toBe(204);
    await waitFor("the ignored one", async () => {
      const { body } = await acme.admin.get(`/api/v1/sources/${acme.id}/${sourceId}`);
      return body.account.ignored === 2;
    });
  },
  60_000,
);
