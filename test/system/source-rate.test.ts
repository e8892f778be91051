import { expect } from "bun:test";
import { arrayBytes, bodyOf } from "../../src/ingest/scan/testdata/binary-line.ts";
import { testWith } from "../services/needs.ts";
import { binary } from "./harness.ts";
import { seriesNoOf, startPlant } from "./plant.ts";

testWith(binary)(
  "a source's sample rate is taken for waveforms whose lines say none, from then on",
  async () => {
    const { server, tenants } = await startPlant(["acme"]);
    const [tenant] = tenants;
    if (tenant === undefined) throw new Error("no tenant");
    const send = async (head: string, atUs: number) => {
      const body = bodyOf(`vib,asset=${head} v=`, arrayBytes([1, 2, 3]), ` ${atUs}t\n`);
      const { status } = await tenant.device.request("POST", "/write", { body });
      expect(status).toBe(204);
    };
    const atUs = 1_760_000_000_000_000;
    await send("Q-7", atUs);
    const sources = await tenant.admin.get("/api/v1/sources/acme");
    const [source] = sources.body.items as { id: string }[];
    const path = `/api/v1/sources/acme/${source?.id}`;
    const set = await tenant.admin.patch(path, { sampleRateHz: 25_600 });
    expect([set.status, set.body.sampleRateHz]).toEqual([200, 25_600]);
    await send("Q-7", atUs + 1);
    await send("X-8,sample_rate_hz=10", atUs + 2);
    for (const sampleRateHz of [0, -1, 1e12, "fast"])
      expect((await tenant.admin.patch(path, { sampleRateHz })).status).toBe(422);
    expect((await tenant.admin.patch(path, { sampleRateHz: null })).status).toBe(200);
    await send("Q-7", atUs + 3);
    const ratesOf = async (asset: string) => {
      const no = await seriesNoOf(tenant, asset);
      const span = `fromUs=${atUs}&toUs=${atUs + 10}`;
      const { body } = await tenant.admin.get(`/api/v1/series/acme/${no}/waveforms?${span}`);
      const items = body.items as { atUs: number; sampleRateHz?: number }[];
      return items.map((one) => [one.atUs - atUs, one.sampleRateHz]);
    };
    expect(await ratesOf("X-8")).toEqual([[2, 10]]);
    expect(await ratesOf("Q-7")).toEqual([
      [3, undefined],
      [1, 25_600],
      [0, undefined],
    ]);
    const { body: log } = await tenant.admin.get("/api/v1/audit/acme?action=source.update");
    expect(log.items).toHaveLength(2);
    await server.stop();
  },
  120_000,
);
