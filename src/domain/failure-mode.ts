import type { Actor, Change } from "./actor.ts";

/** A way in which assets fail, chosen when work is closed. */
export type FailureMode = {
  readonly id: string;
  readonly name: string;
  /** Offered for assets of this type only; for all when undefined. */
  readonly assetTypeId: string | undefined;
  readonly version: number;
};

export type FailureModeStore = {
  /** Most used first, then by name. */
  list(who: Actor, assetTypeId?: string): Promise<readonly FailureMode[]>;
  create(
    who: Actor,
    input: { name: string; assetTypeId?: string | undefined },
    change?: Change,
  ): Promise<FailureMode>;
  ensure(who: Actor, name: string, assetTypeId: string | undefined): Promise<FailureMode>;
};
