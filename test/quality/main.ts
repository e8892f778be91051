import { parseArgs } from "node:util";
import { readSubset } from "./cmapss.ts";
import { runProduct } from "./product.ts";
import { runPure } from "./pure.ts";
import { round, scoreAnswers } from "./score.ts";

const USAGE = "usage: quality cmapss --dir FOLDER [--subset FD001] [--pure [--seed 1]]";

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
if (suite !== "cmapss" || dir === undefined) throw new Error(USAGE);

const startedNs = Bun.nanoseconds();
const fleet = readSubset(dir, subset);
const { answers, card, ...rest } = pure
  ? await runPure(fleet, Number(seed))
  : await runProduct(fleet);
const { width, ...scores } = scoreAnswers(answers, fleet);
const line = {
  suite,
  subset,
  model: card.lifeChampion,
  ...scores,
  seconds: round((Bun.nanoseconds() - startedNs) / 1e9),
  through: pure ? "the learners alone" : "the product",
  width,
  validation: card.life.map((m) => ({ model: m.candidate, rmse125: round(m.rmseSteps) })),
  validationCoverage: round(card.intervalCoverage),
  ...rest,
};
await Bun.write(Bun.stdout, `${JSON.stringify(line)}\n`);
// Trainer workers and the database's client may outlive the stores they served.
process.exit(0);
