import type { Shell } from "../shell.ts";
import type { FormState, Instant, Option } from "../ui/model.ts";
import type { IngestTabs } from "./ingest.tsx";

/** POST /ingest/tokens with: name, scope; POST /ingest/tokens/:id/revocation. */
export type TokensProps = {
  readonly shell: Shell;
  readonly tabs: IngestTabs;
  readonly form: FormState;
  readonly scopes: readonly Option[];
  readonly tokens: readonly {
    readonly id: string;
    readonly version: number;
    readonly name: string;
    readonly scope: string;
    readonly made: Instant;
    readonly lastUsed: Instant | undefined;
    readonly revoked: Instant | undefined;
  }[];
  /** The token just made, shown this once, and a command to try it with. */
  readonly fresh:
    | { readonly name: string; readonly token: string; readonly example: string }
    | undefined;
  readonly mayWrite: boolean;
};
