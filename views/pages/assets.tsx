import type { Shell } from "../shell.ts";
import type {
  AssetRef,
  AssetState,
  Health,
  Option,
  Paging,
  Spark,
  StateMark,
} from "../ui/model.ts";

export type TreeNode = {
  readonly id: string;
  readonly name: string;
  readonly count: number;
  /** Worst state below it; healthy shows nothing. */
  readonly worst: StateMark;
  readonly chosen: boolean;
  readonly children: readonly TreeNode[];
};

export type AssetRow = {
  readonly asset: AssetRef;
  readonly typeName: string;
  readonly mark: StateMark;
  readonly health: Health;
  readonly chance: string | undefined;
  readonly spark: Spark;
  readonly criticality: string;
  readonly nextWork: string;
};

/** GET /assets?branch=&q=&state=&type=&criticality=&cursor= */
export type AssetsProps = {
  readonly shell: Shell;
  readonly opening: string;
  /** Roots of the tree. */
  readonly tree: readonly TreeNode[];
  readonly rows: readonly AssetRow[];
  readonly filter: {
    readonly q: string;
    readonly state: AssetState | "";
    readonly type: string;
    readonly criticality: string;
    readonly branch: string;
    /** Name of the chosen branch, for its chip. */
    readonly branchName: string;
  };
  readonly types: readonly Option[];
  /** From the root to the chosen branch, for the phone. */
  readonly crumbs: readonly { readonly id: string; readonly name: string }[];
  readonly paging: Paging;
  readonly mayImport: boolean;
  /** There is no asset at all yet. */
  readonly isEmptyPlant: boolean;
};
