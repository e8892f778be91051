import { afterAll, beforeAll, expect } from "bun:test";
import { testWith } from "../services/needs.ts";
import { waitFor } from "../services/wait.ts";
import { binary } from "./harness.ts";
import { type Plant, startPlant, type Tenant } from "./plant.ts";

const START_US = 1_790_000_000_000_000;
let plant: Plant;
let acme: Tenant;

beforeAll(async () => {
  if (!binary.ok) return;
  plant = await startPlant(["acme"]);
  const [first] = plant.tenants;
  if (first === undefined) throw new Error("no tenant");
  acme = first;
}, 120_000);

afterAll(async () => {
  await plant?.server.stop();
});

const inbox = (rest = "") => `/api/v1/inbox/${acme.id}${rest}`;

testWith(binary)("a pattern places what it fits, after a preview, and nothing else", async () => {
  const lines = [
    `vib,line=4,pos=de rms=1 ${START_US}`,
    `vib,line=4,pos=nde rms=2 ${START_US}`,
    `vib,cell=9 rms=3 ${START_US}`,
  ].join("\n");
  expect((await acme.device.write(lines)).status).toBe(204);
  await waitFor(
    "three series",
    async () => (await acme.admin.get(inbox())).body.items.length === 3,
  );

  const pattern = { asset: "Line {line}", sensor: "{field} {pos}" };
  const preview = await acme.admin.get(inbox(`/placements?${new URLSearchParams(pattern)}`));
  expect(preview.body.isWhole).toBe(true);
  expect((preview.body.items as { placement: unknown }[]).map((one) => one.placement)).toEqual([
    { assetKey: "Line 4", sensorName: "rms de" },
    { assetKey: "Line 4", sensorName: "rms nde" },
    { missing: ["line", "pos"] },
  ]);
  expect((await acme.admin.get(inbox())).body.items.length).toBe(3);

  const placed = await acme.admin.post(inbox("/placements"), pattern);
  expect(placed.status).toBe(200);
  expect(placed.body.items.length).toBe(2);
  expect((await acme.admin.get(inbox())).body.items.length).toBe(1);
  const refused = await acme.admin.post(inbox("/placements"), { asset: "{line", sensor: "s" });
  expect(refused.status).toBe(422);
  expect(JSON.stringify(refused.body)).toContain("a brace without its other");
});

testWith(binary)("a source's account adds up, late readings decided", async () => {
  const at = (seconds: number) => START_US + seconds * 1_000_000;
  const fresh = Array.from({ length: 20 }, (_, i) => `oil,asset=G1 t=${i} ${at(i)}`).join("\n");
  expect((await acme.device.write(fresh)).status).toBe(204);
  // The same again, one corrected far back, one between, and one that cannot be read.
  expect((await acme.device.write(fresh)).status).toBe(204);
  const odd = [`oil,asset=G1 t=99 ${at(3)}`, `oil,asset=G1 t=5 ${at(3.5)}`, "oil t=abc"].join("\n");
  expect((await acme.device.write(odd)).status).toBe(400);
  const account = await waitFor("the account", async () => {
    const { body } = await acme.admin.get(`/api/v1/sources/${acme.id}`);
    const [source] = body.items as { id: string; account: Record<string, number> }[];
    const of = source?.account;
    return of !== undefined && of.corrected === 1 && of.undecided === 0 && of.known === 20
      ? of
      : undefined;
  });
  const { stored = 0, known = 0, corrected = 0, undecided = 0, refused = 0 } = account;
  expect(stored).toBe(24);
  expect(stored + known + corrected + undecided + refused).toBe(account.received as number);
});

testWith(binary)("a pattern that is sent again with its key has its first answer", async () => {
  expect((await acme.device.write(`flow,pump=7 q=1 ${START_US}`)).status).toBe(204);
  await waitFor("the series", async () => {
    const { body } = await acme.admin.get(inbox("?query=flow"));
    return body.items.length === 1;
  });
  const pattern = { asset: "Pump {pump}", sensor: "{field}", query: "flow" };
  const key = { "idempotency-key": "place-once" };
  const first = await acme.admin.post(inbox("/placements"), pattern, key);
  expect(first.body.items.length).toBe(1);
  expect((await acme.admin.post(inbox("/placements"), pattern, key)).body).toEqual(first.body);
  expect((await acme.admin.post(inbox("/placements"), pattern)).body.items).toEqual([]);
  const other = await acme.admin.post(inbox("/placements"), { ...pattern, sensor: "x" }, key);
  expect(other.status).toBe(409);
});

testWith(binary)(
  "a series joins a sensor that is there, from a start, with its history",
  async () => {
    const at = (seconds: number) => START_US + seconds * 1_000_000;
    const read = (sensorId: string, query = "") =>
      acme.admin.get(
        `/api/v1/sensors/${acme.id}/${sensorId}/readings?fromUs=${at(0)}&toUs=${at(100)}${query}`,
      );
    // The old gateway sends until second 6, the new one, under other names, from second 4 on.
    const old = Array.from({ length: 7 }, (_, i) => `temp,asset=M1 t=${i} ${at(i)}`);
    const fresh = Array.from({ length: 6 }, (_, i) => `gw2,node=17 ch0=${100 + i} ${at(4 + i)}`);
    expect(
      (await acme.device.write([...old, ...fresh, `gw2,node=17 on=t ${at(4)}`].join("\n"))).status,
    ).toBe(204);
    const seriesNoOf = (query: string) =>
      waitFor(`series ${query}`, async () => {
        const { items } = (await acme.admin.get(inbox("?limit=1000"))).body as {
          items: { seriesNo: number; measurement: string; field: string }[];
        };
        return items.find((one) => `${one.measurement} ${one.field}` === query)?.seriesNo;
      });
    const [oldNo, newNo, onNo] = [
      await seriesNoOf("temp t"),
      await seriesNoOf("gw2 ch0"),
      await seriesNoOf("gw2 on"),
    ];
    const adopt = (...adoptions: unknown[]) => acme.admin.post(inbox("/adoptions"), { adoptions });
    const [first] = (await adopt({ seriesNo: oldNo })).body.items as { sensorId: string }[];
    const sensorId = first?.sensorId ?? "";

    const wrongKind = await adopt({ seriesNo: onNo, sensorId });
    expect([wrongKind.status, JSON.stringify(wrongKind.body)]).toEqual([
      422,
      expect.stringContaining("give it a sensor of its own"),
    ]);
    const both = await adopt({ seriesNo: newNo, sensorId, assetKey: "M1" });
    expect(both.status).toBe(422);
    const nobodys = await adopt({
      seriesNo: newNo,
      sensorId: "0190a0a0-0000-7000-8000-000000000002",
    });
    expect(nobodys.status).toBe(404);

    // Without a start, from its first reading: there it wins over the old one.
    const joined = await adopt({ seriesNo: newNo, sensorId });
    expect(joined.body.items).toMatchObject([{ sensorId, mappedFromUs: at(4) }]);
    const parts = async (query = "") =>
      (await read(sensorId, query)).body.parts.map(
        (part: { seriesNo: number; atUs: number[]; mean: number[] }) => [
          part.seriesNo,
          part.atUs.map((atUs, i) => [(atUs - START_US) / 1e6, part.mean[i]]),
        ],
      );
    expect(await parts("&tier=raw")).toEqual([
      [oldNo, [0, 1, 2, 3].map((i) => [i, i])],
      [newNo, [4, 5, 6, 7, 8, 9].map((i) => [i, 96 + i])],
    ]);

    // From a later start the old one counts up to it.
    await adopt({ seriesNo: newNo, sensorId, fromUs: at(6) });
    expect(await parts("&tier=raw")).toEqual([
      [oldNo, [0, 1, 2, 3, 4, 5].map((i) => [i, i])],
      [newNo, [6, 7, 8, 9].map((i) => [i, 96 + i])],
    ]);
    const csv = await acme.admin.request(
      "GET",
      `/api/v1/sensors/${acme.id}/${sensorId}/readings?fromUs=${at(0)}&toUs=${at(100)}&tier=raw`,
      { headers: { accept: "text/csv" } },
    );
    expect(csv.body.trim().split("\n").length).toBe(11);
    const list = await acme.admin.get(`/api/v1/inbox/${acme.id}?status=adopted&limit=1000`);
    const fed = (list.body.items as { sensorId: string; seriesNo: number }[]).filter(
      (one) => one.sensorId === sensorId,
    );
    expect(fed.map(({ seriesNo }) => seriesNo)).toEqual([oldNo, newNo]);
  },
);
