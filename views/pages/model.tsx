import type { ReadableTree } from "../../src/domain/model.ts";
import type { Shell } from "../shell.ts";
import type { Fact } from "../ui/model.ts";
import type { ProofRow } from "../ui/proof.tsx";

export type Candidate = {
  readonly name: string;
  readonly sub: string;
  readonly role: "champion" | "challenger" | "yardstick";
  /** "1.9 d" and its share of the worst, 0 to 1. */
  readonly error: string;
  readonly errorShare: number;
  readonly late: string;
  readonly chanceQuality: string;
};

export type ModelPageProps = {
  readonly shell: Shell;
  readonly id: string;
  readonly title: string;
  readonly sub: string;
  /** At most four. */
  readonly stats: readonly {
    readonly label: string;
    readonly value: string;
    readonly unit: string;
    readonly why: string;
  }[];
  readonly candidates: readonly Candidate[];
  readonly candidatesSub: string;
  readonly importance: readonly {
    readonly name: string;
    readonly percent: string;
    readonly share: number;
  }[];
  /** The surrogate, with its unit for leaves ("d"). */
  readonly tree: ReadableTree | undefined;
  /** Leaf values and thresholds as text are made by this factor: steps to shown unit. */
  readonly treeScale: number;
  readonly treeUnit: string;
  readonly treeNote: string;
  readonly guards: readonly { readonly ok: boolean; readonly text: string; readonly sub: string }[];
  readonly facts: readonly Fact[];
  readonly proof: { readonly rows: readonly ProofRow[]; readonly sub: string } | undefined;
  readonly trainJobId: string | undefined;
  readonly mayRun: boolean;
};
