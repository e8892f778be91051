import type { Shell } from "../shell.ts";
import type { FormState, Instant, Option, Paging } from "../ui/model.ts";

export type UserRow = {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly email: string;
  readonly role: string;
  readonly roleName: string;
  readonly disabled: boolean;
  readonly lastSeen: Instant | undefined;
  readonly isSelf: boolean;
};

/** POST /admin/users with: name, email, role, password; POST /admin/users/:id with: role, disabled. */
export type UsersProps = {
  readonly shell: Shell;
  readonly opening: string;
  readonly users: readonly UserRow[];
  readonly form: FormState;
  readonly roles: readonly Option[];
  /** What each role may do: rows of the matrix. */
  readonly rights: readonly {
    readonly what: string;
    readonly by: Readonly<Record<string, boolean>>;
  }[];
};

/** GET /admin/audit?q=&kind=&cursor= */
export type AuditProps = {
  readonly shell: Shell;
  readonly rows: readonly {
    readonly id: string;
    readonly at: Instant;
    readonly who: string;
    /** "acknowledged alarm 41" */
    readonly what: string;
    readonly before: string;
    readonly after: string;
    readonly from: string;
  }[];
  readonly q: string;
  readonly paging: Paging;
};
