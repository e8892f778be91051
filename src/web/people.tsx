import { Type } from "@sinclair/typebox";
import { AuditPage, UsersPage } from "../../views/pages/admin.tsx";
import { MePage } from "../../views/pages/me.tsx";
import { paths, withQuery } from "../../views/paths.ts";
import type { FormState, Link } from "../../views/ui/model.ts";
import { LEAST_ROLE, mayUse, type Permission, ROLES, type Role } from "../domain/access.ts";
import { AppError } from "../domain/error.ts";
import { type Route, type RouteContext, route } from "../domain/route.ts";
import { isEmail, PASSWORD_LENGTH_MIN } from "../domain/user.ts";
import { html, redirect } from "../lib/reply.ts";
import type { WebDeps } from "./deps.ts";
import { frameOf, KEYS_COOKIE } from "./shell.ts";

type Context = RouteContext<unknown, unknown, unknown>;
type Form = Readonly<Record<string, string | undefined>>;
const admin = { surface: "page", permission: "admin" } as const;
const text = Type.Optional(Type.String({ maxLength: 1000 }));
const ID = Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) });
const PAGE = 50;

/** Users, the audit log, and one's own account. */
export function peopleRoutes(deps: WebDeps): Route[] {
  return [...users(deps), ...audit(deps), ...me(deps)];
}

function users(deps: WebDeps): Route[] {
  const { stores } = deps;
  return [
    route({
      ...admin,
      method: "GET",
      path: paths.users,
      summary: "Users, and what each role may do.",
      handle: (context) =>
        usersPage(deps, context, { values: { role: "operator" }, errors: {} }, 200),
    }),
    route({
      ...admin,
      method: "POST",
      path: paths.users,
      summary: "Makes a user.",
      body: Type.Object({ name: text, email: text, role: text, password: text }),
      handle: async (context) => {
        const { name = "", email = "", password = "" } = context.body;
        const role = roleOf(context.body.role);
        const errors: Record<string, string> = {};
        if (name.trim() === "") errors.name = "Write the person's name.";
        if (!isEmail(email)) errors.email = "Write a mail address, such as anna@example.com.";
        if (role === undefined) errors.role = "Choose a role.";
        if (password.length < PASSWORD_LENGTH_MIN)
          errors.password = `Write at least ${PASSWORD_LENGTH_MIN} characters.`;
        const form = { values: { name, email, role: role ?? "operator" }, errors };
        if (Object.keys(errors).length > 0 || role === undefined)
          return usersPage(deps, context, form, 422);
        try {
          const change = { idempotencyKey: context.idempotencyKey };
          await stores.users.create(context.caller, { name, email, role, password }, change);
        } catch (error) {
          if (!(error instanceof AppError) || error.code === "internal") throw error;
          return usersPage(deps, context, { ...form, errors: { email: error.message } }, 422);
        }
        return redirect(paths.users);
      },
    }),
    route({
      ...admin,
      method: "POST",
      path: "/admin/users/:id",
      summary: "Changes a user's role, or disables them.",
      params: ID,
      body: Type.Object({ role: text, disabled: text }),
      handle: async (context) => {
        const role = roleOf(context.body.role);
        const patch = {
          ...(role === undefined ? {} : { role }),
          ...(context.body.disabled === undefined
            ? {}
            : { disabled: context.body.disabled === "on" }),
        };
        const change = { version: context.version, idempotencyKey: context.idempotencyKey };
        try {
          await stores.users.update(context.caller, context.params.id, patch, change);
        } catch (error) {
          if (!(error instanceof AppError && error.code === "conflict")) throw error;
          const form = { values: { role: "operator" }, errors: { "": error.message } };
          return usersPage(deps, context, form, 409);
        }
        return redirect(paths.users);
      },
    }),
  ];
}

function roleOf(value: string | undefined): Role | undefined {
  return ROLES.find((role) => role === value);
}

const ROLE_NAMES: Readonly<Record<Role, string>> = {
  viewer: "viewer",
  operator: "operator",
  analyst: "analyst",
  admin: "administrator",
};

const RIGHTS: readonly { what: string; permission: Exclude<Permission, "open" | "device"> }[] = [
  { what: "See the plant", permission: "plant:read" },
  { what: "Acknowledge and close alarms", permission: "alarm:act" },
  { what: "Plan and close work", permission: "work:write" },
  { what: "Write rules", permission: "rule:write" },
  { what: "Adopt sensors, bring in files", permission: "ingest:write" },
  { what: "Change assets and costs", permission: "asset:write" },
  { what: "Run jobs, promote models", permission: "model:run" },
  { what: "Users, tokens, audit log", permission: "admin" },
];

async function usersPage(deps: WebDeps, context: Context, form: FormState, status: number) {
  const frame = await frameOf(deps, context);
  const { format, nowUs } = frame;
  const found = await deps.stores.users.list(context.caller);
  const page = UsersPage({
    shell: frame.shell,
    opening: found.length === 1 ? "One person has access" : `${found.length} people have access`,
    users: found.map((user) => ({
      id: user.id,
      version: user.version,
      name: user.name,
      email: user.email,
      role: user.role,
      roleName: ROLE_NAMES[user.role],
      disabled: user.disabled,
      lastSeen: user.lastSeenAtUs === undefined ? undefined : format.at(user.lastSeenAtUs, nowUs),
      isSelf: user.id === context.caller.id,
    })),
    form,
    roles: ROLES.map((role) => ({ value: role, label: ROLE_NAMES[role] })),
    rights: RIGHTS.map(({ what, permission }) => ({
      what,
      by: Object.fromEntries(
        ROLES.map((role) => [role, ROLES.indexOf(role) >= ROLES.indexOf(LEAST_ROLE[permission])]),
      ),
    })),
  });
  return html(page, status);
}

/** A change as one line: names and values, cut where it is long. */
function changeText(value: unknown): string {
  if (value === undefined || value === null) return "";
  const line = JSON.stringify(value) ?? "";
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

function audit(deps: WebDeps): Route[] {
  return [
    route({
      ...admin,
      method: "GET",
      path: paths.audit,
      summary: "Who changed what, newest first.",
      query: Type.Object({ q: text, cursor: text }),
      handle: async (context) => {
        const frame = await frameOf(deps, context);
        const { q = "", cursor } = context.query;
        const found = await deps.stores.audit.list(context.caller, {
          action: q.includes(".") ? q : undefined,
          nounId: q !== "" && !q.includes(".") ? q : undefined,
          limit: PAGE,
          after: cursor,
        });
        const page = AuditPage({
          shell: frame.shell,
          rows: found.items.map((entry) => ({
            id: entry.id,
            at: frame.format.at(entry.atUs, frame.nowUs),
            who: entry.actorName,
            what: `${entry.action} ${entry.nounId}`,
            before: changeText(entry.before),
            after: changeText(entry.after),
            from: entry.from,
          })),
          q,
          paging: {
            nextHref: found.next && withQuery(paths.audit, { q, cursor: found.next }),
            countText: found.items.length === 1 ? "1 entry" : `${found.items.length} entries`,
          },
        });
        return html(page);
      },
    }),
  ];
}

function me(deps: WebDeps): Route[] {
  return [
    route({
      surface: "page",
      permission: "self",
      method: "GET",
      path: paths.me,
      summary: "One's own account.",
      handle: (context) => mePage(deps, context, { values: {}, errors: {} }, 200),
    }),
    route({
      surface: "page",
      permission: "self",
      method: "POST",
      path: paths.me,
      summary: "Changes one's password, or single keys.",
      body: Type.Object({
        password: text,
        new_password: text,
        new_password_again: text,
        keys: text,
      }),
      handle: (context) => changeMe(deps, context, context.body),
    }),
  ];
}

async function changeMe(deps: WebDeps, context: Context, form: Form): Promise<Response> {
  const keys = `${KEYS_COOKIE}=${form.keys === "on" ? "on" : "off"}; Path=/; SameSite=Lax; Max-Age=31536000`;
  if (!form.password && !form.new_password) return redirect(paths.me, { "set-cookie": keys });
  const user = await deps.stores.users.get(context.caller, context.caller.id);
  if (user === undefined) throw new AppError("not-found", "this user is gone");
  const errors: Record<string, string> = {};
  const matches = await deps.stores.users.check(
    user.email,
    form.password ?? "",
    context.caller.tenantId,
  );
  if (matches.length === 0) errors.password = "This is not your password.";
  if ((form.new_password ?? "").length < PASSWORD_LENGTH_MIN)
    errors.new_password = `Write at least ${PASSWORD_LENGTH_MIN} characters.`;
  else if (form.new_password !== form.new_password_again)
    errors.new_password_again = "The two are not the same.";
  if (Object.keys(errors).length > 0) return mePage(deps, context, { values: {}, errors }, 422);
  // Ends every session of the person, this one too: whoever knew the old password is out.
  await deps.stores.users.setPassword(context.caller, user.id, form.new_password ?? "");
  return redirect(paths.signIn, { "set-cookie": keys });
}

const PAGES: readonly (Link & { readonly permission: Permission })[] = [
  { href: paths.now, text: "Now", permission: "plant:read" },
  { href: paths.assets, text: "Assets", permission: "plant:read" },
  { href: paths.alarms, text: "Alarms", permission: "plant:read" },
  { href: paths.predictions, text: "Predictions", permission: "plant:read" },
  { href: paths.work, text: "Work", permission: "plant:read" },
  { href: paths.explore, text: "Explorer", permission: "plant:read" },
  { href: paths.rules, text: "Rules", permission: "plant:read" },
  { href: paths.models, text: "Models", permission: "plant:read" },
  { href: paths.ingest, text: "Ingest", permission: "plant:read" },
  { href: paths.jobs, text: "Jobs", permission: "plant:read" },
  { href: paths.users, text: "Users", permission: "admin" },
  { href: paths.audit, text: "Audit log", permission: "admin" },
];

async function mePage(deps: WebDeps, context: Context, form: FormState, status: number) {
  const frame = await frameOf(deps, context);
  const user = await deps.stores.users.get(context.caller, context.caller.id);
  const page = MePage({
    shell: frame.shell,
    facts: [
      { label: "Name", value: context.caller.name },
      { label: "Address", value: user?.email ?? "not known" },
      { label: "Role", value: ROLE_NAMES[context.caller.role ?? "viewer"] },
      { label: "Plant", value: frame.tenant.name },
    ],
    form,
    links: PAGES.filter((one) => mayUse(one.permission, context.caller)),
  });
  return html(page, status);
}
