import { expect } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { need, testWith } from "../services/needs.ts";
import { temporaryFolder } from "../services/temporary-folder.ts";
import { apiClient } from "./api-client.ts";
import { binary, createToken, setUpTenant, startServer } from "./harness.ts";
import { type Call, parseStrace, unflushedAcknowledgements } from "./strace.ts";

const START_US = 1_790_000_000_000_000;
const WRITES = 40;
const strace = need(
  Bun.which("strace") !== null && Bun.spawnSync(["strace", "-f", "true"]).success,
  "no strace that may trace; install Debian's package strace",
);

testWith(binary, strace)(
  "each 204 is written after a flush that covers its bytes",
  async () => {
    const folder = temporaryFolder("strace");
    const data = join(folder, "data");
    await setUpTenant(data, "acme");
    const token = await createToken(data, "acme", "write");
    const trace = join(folder, "trace");
    const calls = "trace=write,pwrite64,writev,pwritev,sendto,sendmsg,fsync,fdatasync,openat";
    const server = await startServer({
      data,
      wrap: ["strace", "-f", "-ff", "-ttt", "-T", "-y", "-s", "4096", "-e", calls, "-o", trace],
      limitMs: 120_000,
    });
    const client = apiClient(server.url, token);
    const marks: string[] = [];
    for (let i = 0; i < WRITES; i++) {
      const mark = `mark${i}mark`;
      marks.push(mark);
      // A new series a request: its name reaches the log as text, which the trace shows.
      const answer = await client.write(`pump,asset=A ${mark}=${i} ${START_US + i}`);
      expect(answer.status).toBe(204);
    }
    await server.stop();
    const recorded: Call[] = readdirSync(folder)
      .filter((name) => name.startsWith("trace."))
      .flatMap((name) => parseStrace(readFileSync(join(folder, name), "utf8")));
    const result = unflushedAcknowledgements(recorded, marks);
    expect(result.acknowledged).toBe(WRITES);
    expect(result.unflushed).toEqual([]);
  },
  240_000,
);
