import type { PlainShell } from "../shell.ts";
import type { FormState, Option } from "../ui/model.ts";

/** POST /sign-in with: tenant, email, password, next. */
export type SignInProps = {
  readonly shell: PlainShell;
  /** Values of tenant and email; the error stands under "". */
  readonly form: FormState;
  /** Empty when the address names the tenant, or to let people type it; one is chosen by itself. */
  readonly tenants: readonly Option[];
  /** Where to land. */
  readonly next: string;
  /** "You were signed out because …" */
  readonly note: string | undefined;
};
