import { Random } from "../random.ts";

/** Fold of each group, dealt after a shuffle; groups with a failure are dealt first, so each fold has some. */
export function dealFolds(hasFailure: readonly boolean[], folds: number, seed: number): Int32Array {
  const random = new Random(seed);
  const out = new Int32Array(hasFailure.length);
  let turn = 0;
  for (const wanted of [true, false]) {
    const own = hasFailure.flatMap((has, group) => (has === wanted ? [group] : []));
    for (let i = own.length - 1; i > 0; i--) {
      const j = random.int(i + 1);
      const held = own[i] ?? 0;
      own[i] = own[j] ?? 0;
      own[j] = held;
    }
    for (const group of own) out[group] = turn++ % folds;
  }
  return out;
}
