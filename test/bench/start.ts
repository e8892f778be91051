import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../services/free-port.ts";
import { pause } from "../services/wait.ts";
import { BINARY, cleanEnv, createToken, setUpTenant } from "../system/harness.ts";
import { memoryMbOf } from "./processes.ts";

const RUNS = 5;
const IDLE_MS = 90_000;

type Started = { readonly child: Bun.Subprocess; readonly url: string; readonly startedAt: number };

async function start(data: string, command: "serve" | "demo" = "serve"): Promise<Started> {
  const port = await freePort();
  const startedAt = performance.now();
  const child = Bun.spawn([BINARY, command, "--data", data, "--port", String(port)], {
    cwd: "/",
    env: cleanEnv(),
    stdio: ["ignore", "ignore", "ignore"],
  });
  return { child, url: `http://127.0.0.1:${port}`, startedAt };
}

/** Milliseconds until a request is answered as wanted. */
async function msUntil(started: Started, ask: () => Promise<boolean>): Promise<number> {
  for (;;) {
    const isThere = await ask().catch(() => false);
    if (isThere) return performance.now() - started.startedAt;
    await pause(5);
  }
}

async function stop({ child }: Started): Promise<void> {
  child.kill("SIGTERM");
  await child.exited;
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;

/**
 * First start in an empty folder until a page answers and until the set-up page does; warm start until a
 * write is acknowledged; memory of all processes when nothing comes.
 */
export async function benchStart(print: (line: object) => void): Promise<void> {
  const firstPage: number[] = [];
  const setupPage: number[] = [];
  const warmWrite: number[] = [];
  let idleMb = 0;
  for (let run = 0; run < RUNS; run++) {
    const data = mkdtempSync(join(tmpdir(), "start-"));
    const first = await start(data);
    firstPage.push(await msUntil(first, async () => (await fetch(`${first.url}/`)).status > 0));
    setupPage.push(
      await msUntil(first, async () => (await fetch(`${first.url}/setup`)).status === 200),
    );
    await stop(first);
    await setUpTenant(data, "acme");
    const token = await createToken(data, "acme", "write");
    const warm = await start(data);
    warmWrite.push(
      await msUntil(warm, async () => {
        const answer = await fetch(`${warm.url}/api/v2/write?bucket=x`, {
          method: "POST",
          headers: { authorization: `Token ${token}` },
          body: "readings,asset=P1,sensor=s value=1",
        });
        return answer.status === 204;
      }),
    );
    if (run === RUNS - 1) {
      await pause(IDLE_MS);
      idleMb = memoryMbOf(warm.child.pid);
    }
    await stop(warm);
    rmSync(data, { recursive: true });
  }
  print({
    bench: "start",
    runs: RUNS,
    firstPageMs: Math.round(median(firstPage)),
    firstSetupPageMs: Math.round(median(setupPage)),
    warmToFirstWriteMs: Math.round(median(warmWrite)),
    idleMbAllProcesses: Math.round(idleMb),
  });
}
