import type { Shell } from "../shell.ts";
import type { Instant } from "../ui/model.ts";
import type { ProofRow } from "../ui/proof.tsx";

export type ModelRow = {
  readonly id: string;
  /** "pump, days left" */
  readonly title: string;
  readonly sub: string;
  readonly stage: "champion" | "challenger" | "retired";
  readonly error: string;
  readonly coverage: string;
  readonly failures: string;
  readonly trained: Instant;
};

export type ModelsProps = {
  readonly shell: Shell;
  readonly opening: string;
  readonly sub: string;
  readonly models: readonly ModelRow[];
  readonly proof: { readonly rows: readonly ProofRow[]; readonly sub: string } | undefined;
  /** What is missing before a model can be trained. */
  readonly missing: string | undefined;
  readonly trainJobId: string | undefined;
  readonly mayRun: boolean;
};
