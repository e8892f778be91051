import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { temporaryFolder } from "../../test/services/temporary-folder.ts";
import { importFile } from "./import-file.ts";
import type { FileReader, Part } from "./part.ts";
import { openRejects } from "./rejects.ts";
import type { FileState } from "./state.ts";
import { decodeState, encodeState, NO_COUNTS, stateKey } from "./state.ts";

const FILE = { path: "/a.csv", sizeBytes: 1, modifiedMs: 1, headSha256: "" };
const folder = temporaryFolder("import-file");

/** Ten parts of two rows; the first row of every third part is bad. */
const reader: FileReader = {
  description: [],
  dialect: "influx",
  async *read(checkpoint) {
    for (let no = Number(checkpoint ?? 0); no < 10; no++) {
      const isBad = no % 3 === 0;
      const part: Part = {
        bytes: new TextEncoder().encode(`${isBad ? "" : `m v=1 ${no * 2}\n`}m v=2 ${no * 2 + 1}\n`),
        precision: "us",
        checkpoint: String(no + 1),
        rows: 2,
        missing: 0,
        bad: isBad ? [{ line: no * 2, reason: "bad" }] : [],
        badCount: isBad ? 1 : 0,
        fileLineOf: (lineNo) => lineNo,
      };
      yield part;
    }
  },
};

class Crash extends Error {}

test("killed at any steps, what is stored, counted and listed is as of one run", async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 4 }), async (kills) => {
      const path = join(folder, `rejects-${run++}.csv`);
      const stored = new Set<string>();
      let disk: FileState | undefined;
      let nowMs = 0;
      const attempt = async (stepsLeft: number) => {
        let left = stepsLeft;
        const step = () => {
          if (left-- <= 0) throw new Crash();
        };
        const rejects = openRejects(path);
        try {
          const begin = disk ?? {
            ...{ file: FILE, checkpoint: undefined, counts: NO_COUNTS, isDone: false },
            rejects: { path, bytes: rejects.bytes() },
          };
          return await importFile(
            {
              sender: {
                waits: 0,
                async send(body) {
                  step();
                  const lines = new TextDecoder().decode(body).trim().split("\n");
                  for (const line of lines) stored.add(line);
                  // The server has it; the answer may be lost.
                  step();
                  return {
                    lines: lines.length,
                    readings: lines.length,
                    rejectedLines: 0,
                    errors: [],
                  };
                },
              },
              rejects,
              async save(state) {
                if (left <= 0) throw new Crash();
                disk = decodeState(encodeState(state));
              },
              nowMs: () => (nowMs += 400),
              pace: async () => undefined,
              onProgress: () => undefined,
              signal: new AbortController().signal,
            },
            "a.csv",
            reader,
            begin,
          );
        } finally {
          rejects.close();
        }
      };
      for (const steps of kills)
        await attempt(steps).catch((error: unknown) => {
          if (!(error instanceof Crash)) throw error;
        });
      const end = disk?.isDone === true ? disk : await attempt(Number.POSITIVE_INFINITY);
      expect(end.isDone).toBe(true);
      expect(end.counts).toEqual({ rows: 20, readings: 16, missing: 0, bad: 4 });
      expect(stored.size).toBe(16);
      expect(readFileSync(path, "utf8").trim().split("\n")).toEqual([
        "file,line,column,reason,text",
        ...[0, 6, 12, 18].map((line) => `a.csv,${line},,bad,`),
      ]);
    }),
    { numRuns: 60 },
  );
});

test("a state is found again only for the same file, server, token and way of reading", () => {
  const target = { url: "http://p", token: "t" };
  const key = stateKey(FILE, target, { format: "csv" });
  expect(stateKey({ ...FILE }, { ...target }, { format: "csv" })).toBe(key);
  const others = [
    stateKey({ ...FILE, modifiedMs: 2 }, target, { format: "csv" }),
    stateKey(FILE, { ...target, token: "u" }, { format: "csv" }),
    stateKey(FILE, target, { format: "lp" }),
  ];
  expect(new Set([key, ...others]).size).toBe(4);
  expect(decodeState("{")).toBeUndefined();
  expect(decodeState(undefined)).toBeUndefined();
});

test("cells with signs of CSV are quoted", () => {
  const path = join(folder, "quoted.csv");
  const rejects = openRejects(path);
  rejects.add("a,b.csv", [{ line: 1, reason: 'no "x"', text: "a\nb" }]);
  rejects.addMore("c.csv", 7);
  rejects.close();
  expect(readFileSync(path, "utf8")).toBe(
    'file,line,column,reason,text\n"a,b.csv",1,,"no ""x""","a\nb"\nc.csv,,,7 more around here,\n',
  );
});
