import { expect } from "bun:test";
import { need, testWith } from "../services/needs.ts";
import { snippetOf } from "./doc-snippets.ts";
import { binary, cleanEnv } from "./harness.ts";
import { readingsOf, seriesNoOf, startPlant } from "./plant.ts";

const AT_US = 1_790_000_000_000_000;
const curl = need(Bun.which("curl") !== null, "no curl; install Debian's package curl");

testWith(binary, curl)(
  "the guide's curl command writes",
  async () => {
    const { server, tenants } = await startPlant(["acme"]);
    const [acme] = tenants;
    if (acme === undefined) throw new Error("no tenant");
    const command = snippetOf("curl", "sh", server, acme.writeToken);
    const ran = Bun.spawnSync(["sh", "-c", `${command.trim()} -w '%{http_code}'`], {
      env: cleanEnv(),
    });
    expect(ran.stdout.toString()).toBe("204");
    expect(await readingsOf(acme, await seriesNoOf(acme, "curl_flow"), AT_US, AT_US + 1)).toEqual([
      [AT_US, 12.5],
    ]);
    expect(await server.stop()).toBe(0);
  },
  120_000,
);
