/** A machine of a data set: a value a step and column, the last at its failure or where it is cut off. */
export type Machine = { readonly key: string; readonly columns: ReadonlyMap<string, number[]> };

/** What an adapter makes of a data set's files. */
export type Fleet = {
  /** Run to failure. */
  readonly train: readonly Machine[];
  /** Cut off before. */
  readonly test: readonly Machine[];
  /** Steps after the last one of each test machine: for scoring only. */
  readonly truth: readonly number[];
  /** Columns that people set. */
  readonly settings: readonly string[];
  readonly clockUnit: string;
  /** The score caps remaining life here, so the asset type's planning horizon is set to it. */
  readonly capSteps: number;
};

export function stepsOf(machine: Machine): number {
  return [...machine.columns.values()][0]?.length ?? 0;
}
