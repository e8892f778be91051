import type { PlainShell } from "../shell.ts";

/** The demo plant, or a large import, is being made; the page asks again by itself. */
export type LoadingProps = {
  readonly shell: PlainShell;
  /** What happens now: "Simulating 24 machines". */
  readonly phase: string;
  /** All phases in order. */
  readonly phases: readonly { readonly label: string; readonly state: "done" | "here" | "next" }[];
  /** 0 to 100, whole. */
  readonly percent: number;
  /** "1.2 M of 3.7 M readings" */
  readonly counts: readonly { readonly label: string; readonly value: string }[];
  /** Undefined while all is well; otherwise what failed and what to do. */
  readonly failure: string | undefined;
  /** Address to go to when it is done, offered as a link as soon as pages can be read. */
  readonly continueHref: string | undefined;
};
