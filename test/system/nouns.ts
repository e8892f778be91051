import { arrayBytes, bodyOf } from "../../src/ingest/scan/testdata/binary-line.ts";
import { waitFor } from "../services/wait.ts";
import { type ApiClient, apiClient } from "./api-client.ts";
import { createToken, type Server } from "./harness.ts";

/** Ids of things that one tenant owns, one of each noun, freshly made. */
export type Nouns = {
  readonly asset: string;
  readonly sensor: string;
  readonly type: string;
  readonly site: string;
  readonly rule: string;
  readonly alert: string;
  readonly work: string;
  readonly mode: string;
  readonly user: string;
  readonly key: string;
  readonly lineKey: string;
  readonly source: string;
  readonly series: number;
  /** A series with a waveform at `READ_AT_US`. */
  readonly waveform: number;
  readonly quarantine: string;
  readonly mappingRule: string;
  readonly placementRule: string;
  readonly jobRun: string;
  /** Undefined where the tenant has none yet. */
  readonly prediction: string | undefined;
  readonly model: string | undefined;
};

/** Ids of the same form that nobody owns. */
export const INVENTED: Nouns = {
  asset: "0190a0a0-0000-7000-8000-000000000001",
  sensor: "0190a0a0-0000-7000-8000-000000000002",
  type: "0190a0a0-0000-7000-8000-000000000003",
  site: "0190a0a0-0000-7000-8000-000000000004",
  rule: "0190a0a0-0000-7000-8000-000000000005",
  alert: "0190a0a0-0000-7000-8000-000000000006",
  work: "0190a0a0-0000-7000-8000-000000000007",
  mode: "0190a0a0-0000-7000-8000-000000000008",
  user: "0190a0a0-0000-7000-8000-000000000009",
  key: "0190a0a0-0000-7000-8000-00000000000a",
  lineKey: "0190a0a0-0000-7000-8000-00000000001a",
  source: "0190a0a0-0000-7000-8000-00000000000b",
  series: 4_000_000,
  waveform: 4_000_001,
  quarantine: "0190a0a0-0000-7000-8000-00000000000c",
  mappingRule: "0190a0a0-0000-7000-8000-00000000001c",
  placementRule: "0190a0a0-0000-7000-8000-00000000001d",
  jobRun: "0190a0a0-0000-7000-8000-00000000000d",
  prediction: "0190a0a0-0000-7000-8000-00000000000e",
  model: "0190a0a0-0000-7000-8000-00000000000f",
};

/** Makes things in one tenant through its API, as often as asked, each time new ones. */
export type NounMaker = {
  readonly tenantId: string;
  readonly admin: ApiClient;
  make(): Promise<Nouns>;
};

/** Event time of the readings that every series here has. */
export const READ_AT_US = 1_790_000_000_000_000;

/** A maker for one tenant, with an administrator's client. */
export async function nounMaker(
  server: Server,
  tenantId: string,
  admin: ApiClient,
): Promise<NounMaker> {
  const device = apiClient(
    server.url,
    await createToken(server.data, tenantId, "write", `device-${tenantId}`),
  );
  let made = 0;
  const create = async (noun: string, body: unknown): Promise<string> => {
    const answer = await admin.post(`/api/v1/${noun}/${tenantId}`, body);
    if (answer.status !== 201)
      throw new Error(`${noun} of ${tenantId}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body.id;
  };
  const first = async (path: string) => (await admin.get(path)).body.items[0];
  const of = (noun: string, query = "") => `/api/v1/${noun}/${tenantId}?limit=1${query}`;

  async function make(): Promise<Nouns> {
    const name = `N${tenantId}${made++}`;
    // A bad line as well, so that there is something in quarantine.
    const wrote = await device.write(`m,asset=${name} v=99 ${READ_AT_US}\nbad line of ${name}`);
    if (wrote.status !== 400) throw new Error(`write: ${wrote.status}`);
    const series = await waitFor(
      `series of ${name}`,
      async () => (await first(of("series", `&query=${name}`)))?.seriesNo as number | undefined,
    );
    const adopted = await admin.post(`/api/v1/inbox/${tenantId}/adoptions`, {
      adoptions: [{ seriesNo: series }],
    });
    const { sensorId } = adopted.body.items[0];
    const type = await create("asset-types", { name: `Type ${name}` });
    const site = await create("sites", { name: `Site ${name}`, zone: "UTC" });
    const asset = await create("assets", { key: `${name}-own`, typeId: type, siteId: site });
    const sensor = await create("sensors", { assetId: asset, name: "own" });
    const rule = await create("rules", {
      ...{ name: `Rule ${name}`, severity: "warning", op: "above", threshold: 10, clear: 9 },
      ...{ holdMs: 0, scope: { kind: "sensor", sensorId } },
    });
    await device.write(`m,asset=${name} v=100 ${READ_AT_US + 1_000_000}`);
    const alert = await waitFor(
      `alert of ${name}`,
      async () => (await first(of("alerts", `&ruleId=${rule}`)))?.id as string | undefined,
    );
    const quarantine = await waitFor(
      `quarantine of ${name}`,
      async () => (await first(of("quarantine")))?.id as string | undefined,
    );
    const run = await admin.post(`/api/v1/job-runs/${tenantId}`, { job: "score" });
    const key = await admin.post(`/api/v1/api-keys/${tenantId}`, { name, scope: "read" });
    const lineKey = await admin.post(`/api/v1/line-keys/${tenantId}`, { name });
    const array = arrayBytes([0.5, -0.25]);
    const snapshot = bodyOf(`w,asset=W${name} snapshot=`, array, ` ${READ_AT_US}t\n`);
    const wrote204 = await device.request("POST", "/write", { body: snapshot });
    if (wrote204.status !== 204) throw new Error(`waveform: ${wrote204.status}`);
    const waveform = await waitFor(
      `waveform of ${name}`,
      async () => (await first(of("series", `&query=W${name}`)))?.seriesNo as number | undefined,
    );
    // Of a source of its own: a source may have so many.
    const mappingRule = await create("mapping-rules", {
      sourceId: lineKey.body.sourceId,
      change: { kind: "drop", part: "field", name: `f-${name}` },
    });
    // A tenant may have so many: one that is there is taken. Its query fits nothing.
    const placementRule =
      (await first(of("placement-rules")))?.id ??
      (await create("placement-rules", { asset: "{a}", sensor: "{b}", query: `q-${name}` }));
    return {
      ...{
        asset,
        sensor,
        type,
        site,
        rule,
        alert,
        series,
        waveform,
        quarantine,
        mappingRule,
        placementRule,
      },
      work: await create("work-orders", { assetId: asset, title: `Work ${name}` }),
      mode: await create("failure-modes", { name: `Mode ${name}` }),
      user: await create("users", {
        email: `${name.toLowerCase()}@example.com`,
        ...{ name, role: "viewer", password: "a long enough password" },
      }),
      key: key.body.id,
      lineKey: lineKey.body.id,
      source: (await first(of("sources"))).id,
      jobRun: run.body.id,
      prediction: (await first(of("predictions")))?.id,
      model: (await first(of("models")))?.id,
    };
  }
  return { tenantId, admin, make };
}
