import type { Shell } from "../shell.ts";

/** GET /search?q= */
export type SearchProps = {
  readonly shell: Shell;
  readonly q: string;
  readonly groups: readonly {
    readonly name: string;
    readonly hits: readonly {
      readonly href: string;
      readonly text: string;
      readonly sub: string;
    }[];
  }[];
};
