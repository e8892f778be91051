import { apiClient } from "../system/api-client.ts";
import { PASSWORD } from "../system/harness.ts";
import { machine, quantile, round } from "./numbers.ts";
import {
  ASSETS,
  knowSeries,
  type Plant,
  runLoader,
  SENSORS,
  startBenchPlant,
  target,
} from "./plant.ts";

/** Assets beside the loaded ones that each have an alarm. */
const ALARMS = 50;
const IDLE_REQUESTS = 200;
const LINES = 16_000_000;

async function signIn(plant: Plant): Promise<string> {
  const answer = await apiClient(plant.server.url, "").request("POST", "/sign-in", {
    body: new URLSearchParams({
      tenant: "acme",
      email: "admin@acme.example",
      password: PASSWORD,
    }),
    headers: { origin: plant.server.url },
  });
  if (answer.status !== 303) throw new Error(`sign-in: ${answer.status}`);
  return (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}

/** Opens alarms: a value over the rule's threshold that holds for longer than the rule asks. */
async function openAlarms(plant: Plant, startS: number): Promise<void> {
  const lines: string[] = [];
  for (const atS of [startS, startS + 120])
    for (let no = 0; no < ALARMS; no++)
      lines.push(`readings,asset=B${no},sensor=vibration value=150 ${atS}`);
  const api = apiClient(plant.server.url, plant.writeToken);
  // The first write makes the sensors known; the rule judges what comes once it watches them.
  for (let round = 0; round < 2; round++) {
    await api.write(
      lines.join("\n").replaceAll(/ (\d+)$/gm, (_, s) => ` ${+s + round * 600}`),
      "db=x&precision=s",
    );
    await Bun.sleep(2_000);
  }
}

/**
 * The Now page of 1,000 assets with 50 alarms over HTTP, one request after the other: with nothing else
 * to do, and while readings come as fast as they are answered.
 */
export async function benchNow(print: (line: object) => void): Promise<void> {
  const plant = await startBenchPlant();
  try {
    const startS = Math.floor(Date.now() / 1000) - 86_400;
    await knowSeries(plant, { shape: "narrow", assets: ASSETS, startS });
    await openAlarms(plant, startS);
    const cookie = await signIn(plant);
    const page = async () => {
      const startedAt = performance.now();
      const answer = await fetch(`${plant.server.url}/`, { headers: { cookie } });
      const text = await answer.text();
      if (answer.status !== 200) throw new Error(`the page: ${answer.status}`);
      return { ms: performance.now() - startedAt, sizeBytes: text.length };
    };
    const idle = [];
    for (let n = 0; n < IDLE_REQUESTS; n++) idle.push(await page());
    const busy: number[] = [];
    let isSending = false;
    const load = { shape: "narrow", assets: ASSETS, sensors: SENSORS, lines: LINES } as const;
    const sending = runLoader(
      {
        ...target(plant),
        connections: 4,
        load: { ...load, linesPerBatch: 5_000, startS: startS + 1 },
      },
      () => {
        isSending = true;
      },
    ).finally(() => {
      isSending = false;
    });
    const isDone = sending.then(() => true);
    while (!isSending && !(await Promise.race([isDone, Bun.sleep(10).then(() => false)])));
    while (isSending) busy.push((await page()).ms);
    const sent = await sending;
    print({
      bench: "now",
      assets: ASSETS + ALARMS,
      alarms: ALARMS,
      pageBytes: idle[0]?.sizeBytes,
      idleP50Ms: round(
        quantile(
          idle.map((one) => one.ms),
          0.5,
        ),
        1,
      ),
      idleP95Ms: round(
        quantile(
          idle.map((one) => one.ms),
          0.95,
        ),
        1,
      ),
      busyRequests: busy.length,
      busyP50Ms: round(quantile(busy, 0.5), 1),
      busyP95Ms: round(quantile(busy, 0.95), 1),
      acknowledgedPerS: Math.round(sent.lines / sent.seconds),
      machine: machine(),
    });
  } finally {
    await plant.stop();
  }
}
