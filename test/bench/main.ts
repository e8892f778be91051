// npm run bench -- NAME [--series questdb]: speed and memory, one JSON line a result. Never part of npm test.
import { onWholeQuestdb } from "../services/series-place.ts";
import { benchCatchUp } from "./catch-up.ts";
import { benchImport } from "./import.ts";
import { benchIngest } from "./ingest.ts";
import { benchNow } from "./now.ts";
import { benchReads } from "./reads.ts";
import { benchSealing } from "./sealing.ts";
import { benchStart } from "./start.ts";

const print = (line: object) => {
  const where = place === "embedded" ? {} : { store: place };
  process.stdout.write(`${JSON.stringify({ ...line, ...where })}\n`);
};
const BENCHES: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  ingest: (args) => benchIngest(print, args),
  import: (args) => benchImport(print, args),
  now: () => benchNow(print),
  "catch-up": ([loads]) => benchCatchUp(print, loads === undefined ? undefined : Number(loads)),
  sealing: (args) => benchSealing(print, args),
  reads: (args) => benchReads(print, args),
  start: () => benchStart(print),
};

/** These reach into files of the embedded store, or measure the binary's start with it. */
const EMBEDDED_ONLY = ["catch-up", "sealing", "start"];

/** Takes `--series PLACE` out of the arguments. */
function placeIn(args: string[]): string {
  const at = args.indexOf("--series");
  return at < 0 ? "embedded" : (args.splice(at, 2)[1] ?? "");
}

const [name = "", ...args] = process.argv.slice(2);
const place = placeIn(args);
const bench = BENCHES[name];
if (bench === undefined) {
  process.stderr.write(
    `foresight: no bench ${name}; there are ${Object.keys(BENCHES).join(", ")}\n`,
  );
  process.exit(2);
}
const isThere = place === "embedded" || (place === "questdb" && !EMBEDDED_ONLY.includes(name));
if (!isThere) {
  process.stderr.write(`foresight: no bench ${name} with --series ${place}\n`);
  process.exit(2);
}
if (place === "questdb") await onWholeQuestdb(() => bench(args));
else await bench(args);
process.exit(0);
