import { parseArgs } from "node:util";
import { readSubset } from "./cmapss.ts";
import { runLive } from "./live.ts";
import { runProduct } from "./product.ts";
import { runPure } from "./pure.ts";
import { round, scoreAnswers } from "./score.ts";

const USAGE = "usage: quality cmapss|cmapss-live --dir FOLDER [--subset FD001] [--pure [--seed 1]]";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dir: { type: "string" },
    subset: { type: "string", default: "FD001" },
    pure: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
  },
});
const { dir, subset, pure, seed } = values;
const [suite] = positionals;
if ((suite !== "cmapss" && suite !== "cmapss-live") || dir === undefined) throw new Error(USAGE);

const startedNs = Bun.nanoseconds();
const fleet = readSubset(dir, subset);
/** What the engines go through: the compiled program, the product in this process, or its learners. */
const through = suite === "cmapss-live" ? "dist/foresight" : pure ? "the learners" : "the product";
const run = suite === "cmapss-live" ? runLive : pure ? runPure : runProduct;
const { answers, card, ...rest } = await run(fleet, Number(seed));
const { width, ...scores } = scoreAnswers(answers, fleet);
const line = {
  suite,
  subset,
  model: card.lifeChampion,
  ...scores,
  seconds: round((Bun.nanoseconds() - startedNs) / 1e9),
  through,
  width,
  validation: card.life.map((m) => ({ model: m.candidate, rmse125: round(m.rmseSteps) })),
  validationCoverage: round(card.intervalCoverage),
  ...rest,
};
await Bun.write(Bun.stdout, `${JSON.stringify(line)}\n`);
// Trainer workers and the database's client may outlive the stores they served.
process.exit(0);
