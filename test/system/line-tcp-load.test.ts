import { expect } from "bun:test";
import net from "node:net";
import type { ListenerState } from "../../src/domain/operation.ts";
import { freePort } from "../services/free-port.ts";
import { testWith } from "../services/needs.ts";
import { waitFor } from "../services/wait.ts";
import { binary, foresightOk, inspect } from "./harness.ts";
import { startPlant } from "./plant.ts";

const SENDERS = 8;
const LINES = 40_000;
const START_NS = 1_790_000_000_000_000_000n;
const MIB = 1024 * 1024;
const TCP_BYTES = 2 * MIB;
const READ_BYTES = 512 * 1024;

/** Sends all lines as fast as they are taken, and ends. */
function sendAll(port: number, sender: number): Promise<void> {
  const socket = net.connect(port, "127.0.0.1");
  const lines = Array.from(
    { length: LINES },
    (_, i) => `load,asset=L${sender},sensor=s${i % 8} value=${i} ${START_NS + BigInt(i) * 1000n}\n`,
  );
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("close", () => resolve());
    socket.end(lines.join(""));
  });
}

testWith(binary)(
  "senders that are faster than the log are held up, and every line is stored",
  async () => {
    const port = await freePort();
    const { server } = await startPlant(["acme"], {
      env: {
        FORESIGHT_TCP_LISTEN: `127.0.0.1:${port}`,
        FORESIGHT_TCP_SOURCE: "acme/floor",
        FORESIGHT_TCP_BYTES: String(TCP_BYTES),
        FORESIGHT_PENDING_BYTES: String(MIB),
      },
    });
    const tcp = async () => {
      const ran = await foresightOk(["listeners", "--data", server.data, "--json"]);
      return (JSON.parse(ran.stdout) as ListenerState[])[0]; // the command's documented form
    };
    try {
      await Promise.all(Array.from({ length: SENDERS }, (_, sender) => sendAll(port, sender)));
      const state = await waitFor("all lines", async () => {
        const now = await tcp();
        if (now !== undefined) expect(now.heldBytes).toBeLessThan(TCP_BYTES + READ_BYTES);
        return now?.connections === 0 && now;
      });
      expect(state).toMatchObject({
        ...{ readings: SENDERS * LINES, heldBytes: 0 },
        ...{ droppedLines: 0, partialLines: 0, rejectedLines: 0 },
      });
      expect(state.pauses).toBeGreaterThan(0);
      expect((await inspect(server.data)).readings).toBe(SENDERS * LINES);
    } finally {
      expect(await server.stop()).toBe(0);
    }
  },
  120_000,
);
