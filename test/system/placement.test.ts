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
