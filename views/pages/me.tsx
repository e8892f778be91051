import type { Shell } from "../shell.ts";
import type { Fact, FormState, Link } from "../ui/model.ts";

/** POST /me with: password, new_password, new_password_again (all or none) and keys ("on"). */
export type MeProps = {
  readonly shell: Shell;
  readonly facts: readonly Fact[];
  readonly form: FormState;
  /** Pages this role may open, for the phone's "More". */
  readonly links: readonly Link[];
};
