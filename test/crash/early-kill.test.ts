import { expect } from "bun:test";
import { createRandom } from "../../src/lib/random.ts";
import { testWith } from "../services/needs.ts";
import { temporaryFolder } from "../services/temporary-folder.ts";
import { pause } from "../services/wait.ts";
import { apiClient } from "../system/api-client.ts";
import {
  BINARY,
  binary,
  cleanEnv,
  createToken,
  setUpTenant,
  startServer,
} from "../system/harness.ts";

const random = createRandom(20_261);
/** From before the folder is there to just after everything is. */
const DELAYS_MS = [30, 80, 150, 250, 400, 600, 900, 1300, 1800].map((ms) => ms + random.int(40));

testWith(binary)(
  "a first start that is killed at any moment is finished by the next",
  async () => {
    const data = `${temporaryFolder("early")}/data`;
    for (const delayMs of DELAYS_MS) {
      const child = Bun.spawn([BINARY, "serve", "--data", data, "--port", "0"], {
        cwd: "/",
        env: cleanEnv(),
        stdio: ["ignore", "ignore", "ignore"],
      });
      await pause(delayMs);
      child.kill("SIGKILL");
      await child.exited;
    }
    const server = await startServer({ data });
    await setUpTenant(data, "acme");
    const client = apiClient(server.url, await createToken(data, "acme", "write"));
    expect((await client.write("pump,asset=A v=1 1790000000000000")).status).toBe(204);
    expect(await server.stop()).toBe(0);
  },
  120_000,
);
