import { expect, test } from "bun:test";
import { createRandom } from "../../src/lib/random.ts";
import { fuzzScanner } from "./scanner-fuzz.ts";

const INPUTS = 60_000;

test("damaged bodies are read as they stand, known series or not", () => {
  expect(fuzzScanner(createRandom(4), (inputs) => inputs < INPUTS)).toBe(INPUTS);
});
