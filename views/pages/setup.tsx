import type { PlainShell } from "../shell.ts";
import type { FormState, Option } from "../ui/model.ts";

/**
 * First run. POST /setup with: token, tenant_name, name, email, password, password_again, site_name,
 * zone, currency.
 */
export type SetupProps = {
  readonly shell: PlainShell;
  /** Values of: token, tenant_name, name, email, site_name, zone, currency. Passwords never come back. */
  readonly form: FormState;
  readonly zones: readonly Option[];
  readonly currencies: readonly Option[];
  /** "now 14:32 (CET)" for the chosen zone. */
  readonly zoneHint: string;
};
