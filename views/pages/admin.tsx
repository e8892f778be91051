import { Head1, Layout } from "../layout.tsx";
import { paths } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Empty } from "../ui/empty.tsx";
import { Filters, FilterText } from "../ui/filters.tsx";
import { FormErrors, Keys, Options, SelectField, TextField } from "../ui/form.tsx";
import type { FormState, Instant, Option, Paging as PagingProps } from "../ui/model.ts";
import { Paging } from "../ui/paging.tsx";
import { Panel } from "../ui/panel.tsx";
import { Scroll } from "../ui/scroll.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { Time } from "../ui/time.tsx";

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
  readonly paging: PagingProps;
};

/** The tabs of the admin pages. */
export function AdminNav(props: {
  current: "users" | "audit" | "retention" | "lineKeys" | "system";
}) {
  return (
    <Tabs
      label={t.nav.admin}
      tabs={[
        { href: paths.users, label: t.admin.users, current: props.current === "users" },
        { href: paths.audit, label: t.admin.audit, current: props.current === "audit" },
        {
          href: paths.retention,
          label: t.retention.title,
          current: props.current === "retention",
        },
        {
          href: paths.lineKeys,
          label: t.lineKeys.title,
          current: props.current === "lineKeys",
        },
        { href: paths.system, label: t.admin.system.title, current: props.current === "system" },
      ]}
    />
  );
}

/** Who may do what. */
export function UsersPage(props: UsersProps) {
  const a = t.admin;
  return (
    <Layout shell={props.shell} title={a.users} section="admin">
      <Head1 title={a.users} sub={props.opening} />
      <AdminNav current="users" />
      <div class="cols side-r">
        <div class="vstack">
          <Panel id="users" title={a.users}>
            <ul class="lines">
              {props.users.map((user) => (
                <UserLine user={user} {...props} />
              ))}
            </ul>
          </Panel>
          <Rights {...props} />
        </div>
        <Panel id="user-new" title={a.newUser}>
          <form class="pad" method="post" action={paths.users}>
            <Keys keys={props.shell} name="user" />
            <FormErrors form={props.form} labels={a.labels} />
            <TextField
              form={props.form}
              name="name"
              label={a.labels.name}
              autocomplete="off"
              required
            />
            <TextField
              form={props.form}
              name="email"
              type="email"
              label={a.labels.email}
              autocomplete="off"
              required
            />
            <SelectField
              form={props.form}
              name="role"
              label={a.labels.role}
              options={props.roles}
            />
            <TextField
              form={props.form}
              name="password"
              type="password"
              label={a.labels.password}
              hint={t.setup.passwordHint}
              autocomplete="new-password"
              required
            />
            <div class="row ends">
              <button type="submit" class="btn go">
                {a.addUser}
              </button>
            </div>
          </form>
        </Panel>
      </div>
    </Layout>
  );
}

function UserLine(props: UsersProps & { user: UserRow }) {
  const { user } = props;
  const a = t.admin;
  return (
    <li id={`user-${user.id}`} class="wrap">
      <span class="grow">
        <b>{user.name}</b> {user.disabled && <span class="chip">{a.disabled}</span>}
        <span class="sub">
          {user.email}, {a.seen} <Time at={user.lastSeen} />
        </span>
      </span>
      {user.isSelf ? (
        <span class="muted sm">
          {user.roleName}, {a.you}
        </span>
      ) : (
        <form method="post" action={paths.user(user.id)} class="row wrap">
          <Keys keys={props.shell} name={`user-${user.id}`} version={user.version} />
          <select name="role" aria-label={a.roleOf(user.name)}>
            <Options options={props.roles} chosen={user.role} />
          </select>
          <button type="submit" class="btn">
            {t.acts.save}
          </button>
          <button
            type="submit"
            class="btn quiet"
            name="disabled"
            value={user.disabled ? "off" : "on"}
          >
            {user.disabled ? a.enable : a.disable}
          </button>
        </form>
      )}
    </li>
  );
}

function Rights(props: UsersProps) {
  return (
    <Panel id="rights" title={t.admin.rights}>
      <Scroll label={t.admin.rights}>
        <table class="dense">
          <thead>
            <tr>
              <th>{t.admin.right}</th>
              {props.roles.map((role) => (
                <th>{role.label}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {props.rights.map((right) => (
              <tr>
                <td>{right.what}</td>
                {props.roles.map((role) => (
                  <td>
                    {right.by[role.value] ? t.common.yes : <span class="faint">{t.common.no}</span>}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Panel>
  );
}

/** Who did what, with before and after; it cannot be edited. */
export function AuditPage(props: AuditProps) {
  const a = t.admin;
  return (
    <Layout shell={props.shell} title={a.audit} section="admin">
      <Head1 title={a.audit} sub={a.auditSub} />
      <AdminNav current="audit" />
      <div id="audit-list">
        <Filters action={paths.audit} target="#audit-list">
          <FilterText name="q" label={a.filter} value={props.q} />
        </Filters>
        <section class="panel" aria-label={a.audit}>
          {props.rows.length === 0 ? (
            <Empty title={a.noAuditTitle} text={a.noAuditText} />
          ) : (
            <>
              <Scroll label={a.audit}>
                <table>
                  <thead>
                    <tr>
                      <th>{t.words.when}</th>
                      <th>{a.who}</th>
                      <th>{a.what}</th>
                      <th>{a.before}</th>
                      <th>{a.after}</th>
                      <th>{a.from}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {props.rows.map((row) => (
                      <tr id={`audit-${row.id}`}>
                        <td class="nw">
                          <Time at={row.at} />
                        </td>
                        <td>{row.who}</td>
                        <td>{row.what}</td>
                        <td class="mono xs">{row.before}</td>
                        <td class="mono xs">{row.after}</td>
                        <td class="muted nw">{row.from}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </Scroll>
              <footer>
                <Paging paging={props.paging} />
              </footer>
            </>
          )}
        </section>
      </div>
    </Layout>
  );
}
