import type { Shell } from "../shell.ts";
import type { AssetRef, Health, Paging } from "../ui/model.ts";

export type PredictionRow = {
  readonly id: string;
  readonly asset: AssetRef;
  readonly health: Health;
  readonly chance: string | undefined;
  readonly timeLeft: string | undefined;
  readonly cost: string | undefined;
  readonly risk: string | undefined;
  readonly reason: string;
  /** "step 4 of 5, fleet model" */
  readonly trust: string;
};

export type PredictionsProps = {
  readonly shell: Shell;
  readonly opening: string;
  readonly sub: string;
  readonly horizon: string;
  readonly rows: readonly PredictionRow[];
  readonly paging: Paging;
};
