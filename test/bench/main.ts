// npm run bench -- NAME: speed and memory, one JSON line a result. Never part of npm test.
import { benchCatchUp } from "./catch-up.ts";
import { benchIngest } from "./ingest.ts";
import { benchNow } from "./now.ts";
import { benchReads } from "./reads.ts";
import { benchSealing } from "./sealing.ts";
import { benchStart } from "./start.ts";

const print = (line: object) => void process.stdout.write(`${JSON.stringify(line)}\n`);
const BENCHES: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  ingest: (args) => benchIngest(print, args),
  now: () => benchNow(print),
  "catch-up": ([loads]) => benchCatchUp(print, loads === undefined ? undefined : Number(loads)),
  sealing: (args) => benchSealing(print, args),
  reads: ([folder, only]) => benchReads(print, folder, only),
  start: () => benchStart(print),
};

const [name = "", ...args] = process.argv.slice(2);
const bench = BENCHES[name];
if (bench === undefined) {
  process.stderr.write(
    `foresight: no bench ${name}; there are ${Object.keys(BENCHES).join(", ")}\n`,
  );
  process.exit(2);
}
await bench(args);
process.exit(0);
