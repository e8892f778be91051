import type { PlainShell, Shell } from "../shell.ts";

export type ErrorProps = {
  /** With a shell when somebody is signed in. */
  readonly shell: Shell | undefined;
  readonly plain: PlainShell;
  readonly status: number;
  /** What failed, on what, what to do. */
  readonly message: string;
  /** One sentence per field that does not fit. */
  readonly fields: readonly string[];
  /** Address to go back to. */
  readonly backHref: string;
};
