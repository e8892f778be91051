import { expect, test } from "bun:test";
import { createRandom } from "../../src/lib/random.ts";
import { soakEnd, soakLimitMs, soakSeed } from "../services/soak.ts";
import { fuzzScanner } from "./scanner-fuzz.ts";

test(
  "damaged bodies are read as they stand, known series or not",
  () => {
    const isOver = soakEnd("inputs");
    const inputs = fuzzScanner(createRandom(soakSeed()), (done) => !isOver(done));
    process.stdout.write(`${inputs} inputs from seed ${soakSeed()}\n`);
    expect(inputs).toBeGreaterThan(0);
  },
  soakLimitMs("inputs", 1),
);
