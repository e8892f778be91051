import { expect, test } from "bun:test";
import { createRandom } from "../../src/lib/random.ts";
import { soakSeconds, soakSeed } from "../services/soak.ts";
import { fuzzScanner } from "./scanner-fuzz.ts";

const INPUTS_MAX = 10_000_000;

test(
  "damaged bodies are read as they stand, known series or not",
  () => {
    const endMs = performance.now() + soakSeconds() * 1000;
    const goOn = (inputs: number) =>
      inputs < INPUTS_MAX && (inputs % 1000 > 0 || performance.now() < endMs);
    const inputs = fuzzScanner(createRandom(soakSeed()), goOn);
    process.stdout.write(`${inputs} inputs from seed ${soakSeed()}\n`);
    expect(inputs).toBeGreaterThan(0);
  },
  (soakSeconds() + 300) * 1000,
);
