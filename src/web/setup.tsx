import { Type } from "@sinclair/typebox";
import { createFormat } from "../../views/format.ts";
import { SetupPage } from "../../views/pages/setup.tsx";
import { paths } from "../../views/paths.ts";
import type { FormState } from "../../views/ui/model.ts";
import { systemActor } from "../domain/actor.ts";
import { AppError } from "../domain/error.ts";
import { type Route, route } from "../domain/route.ts";
import { isTenantSlug, isZone } from "../domain/tenant.ts";
import { isEmail, PASSWORD_LENGTH_MIN } from "../domain/user.ts";
import { html, redirect } from "../lib/reply.ts";
import { type SessionDeps, sessionHeader } from "./session.tsx";
import { plainShell } from "./shell.ts";

/** Set-up in the pages: open only while no tenant exists, and only with the code from the console. */
export type SetupDeps = SessionDeps & {
  readonly setupToken: string;
  readonly setUp: (input: {
    tenant: string;
    name: string;
    email: string;
    zone: string;
    password: string;
  }) => Promise<{ tenant: string; userId: string }>;
};

const CURRENCIES = [
  "EUR",
  "USD",
  "GBP",
  "CHF",
  "SEK",
  "NOK",
  "DKK",
  "PLN",
  "CZK",
  "CAD",
  "AUD",
  "JPY",
  "CNY",
  "INR",
  "BRL",
  "MXN",
];
const text = Type.Optional(Type.String({ maxLength: 1000 }));
const FORM = Type.Object({
  token: text,
  tenant_name: text,
  name: text,
  email: text,
  password: text,
  password_again: text,
  site_name: text,
  zone: text,
  currency: text,
});
type Form = Readonly<Record<string, string | undefined>>;

/** The tenant's short name from its name for people: "Acme Pumps" is "acme-pumps". Pure. */
export function slugOf(name: string): string {
  const slug = name
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);
  return isTenantSlug(slug) ? slug : "plant";
}

export function setupRoutes(deps: SetupDeps): Route[] {
  const open = { surface: "page", permission: "open" } as const;
  const isDone = async () => (await deps.stores.tenants.list()).length > 0;
  const show = (request: Request, form: FormState, status: number) => {
    const zone = isZone(form.values.zone ?? "") ? (form.values.zone ?? "UTC") : "UTC";
    const format = createFormat({ locale: "en-GB", zone, currency: "EUR" });
    return html(
      SetupPage({
        shell: plainShell(request, deps.assetUrls),
        form,
        zones: Intl.supportedValuesOf("timeZone").map((value) => ({ value, label: value })),
        currencies: CURRENCIES.map((value) => ({ value, label: value })),
        zoneHint: `now ${format.plantClock(deps.clock.nowUs()).text}`,
      }),
      status,
    );
  };
  return [
    route({
      ...open,
      method: "GET",
      path: paths.setup,
      summary: "The first run.",
      handle: async ({ request }) => {
        if (await isDone()) return redirect(paths.signIn);
        const values = { zone: Intl.DateTimeFormat().resolvedOptions().timeZone, currency: "EUR" };
        return show(request, { values, errors: {} }, 200);
      },
    }),
    route({
      ...open,
      method: "POST",
      path: paths.setup,
      summary: "Makes the first tenant and its administrator.",
      body: FORM,
      handle: async ({ request, body }) => {
        if (await isDone())
          throw new AppError("conflict", "this server is set up already; sign in");
        const errors = faultsOf(body, deps.setupToken, deps.guard);
        if (Object.keys(errors).length > 0)
          return show(request, { values: withoutSecrets(body), errors }, 422);
        const made = await carryOut(deps, body);
        const { token } = await deps.stores.sessions.open({
          tenantId: made.tenant,
          userId: made.userId,
          from: deps.from(request),
          idleMs: deps.sessionIdleMs,
        });
        return redirect(paths.now, {
          "set-cookie": sessionHeader(deps, request, token, deps.sessionIdleMs / 1000),
        });
      },
    }),
  ];
}

function withoutSecrets(form: Form): Record<string, string> {
  const { password: _one, password_again: _two, ...rest } = form;
  return Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, value ?? ""]));
}

const GUESS_KEY = "setup code";

function faultsOf(
  form: Form,
  setupToken: string,
  guard: SetupDeps["guard"],
): Record<string, string> {
  const errors: Record<string, string> = {};
  guard.before(GUESS_KEY);
  if ((form.token ?? "").trim() !== setupToken) {
    guard.failed(GUESS_KEY);
    errors.token = "This is not the code that the console shows.";
  }
  if (!form.tenant_name?.trim()) errors.tenant_name = "Write the plant's or company's name.";
  if (!form.name?.trim()) errors.name = "Write your name.";
  if (!isEmail(form.email ?? "")) errors.email = "Write a mail address, such as anna@example.com.";
  if ((form.password ?? "").length < PASSWORD_LENGTH_MIN)
    errors.password = `Write at least ${PASSWORD_LENGTH_MIN} characters.`;
  else if (form.password !== form.password_again)
    errors.password_again = "The two are not the same.";
  if (!isZone(form.zone ?? "")) errors.zone = "Choose the site's time zone.";
  if (form.currency !== undefined && !CURRENCIES.includes(form.currency))
    errors.currency = "Choose a currency.";
  return errors;
}

async function carryOut(deps: SetupDeps, form: Form) {
  const tenant = slugOf(form.tenant_name ?? "");
  const made = await deps.setUp({
    tenant,
    name: form.tenant_name?.trim() ?? tenant,
    email: form.email ?? "",
    zone: form.zone ?? "UTC",
    password: form.password ?? "",
  });
  const who = systemActor(tenant, "setup");
  if (form.currency) await deps.stores.tenants.update(who, { currency: form.currency });
  const [site] = await deps.stores.sites.list(who);
  if (site && form.site_name?.trim())
    await deps.stores.sites.update(who, site.id, { name: form.site_name.trim() });
  if (form.name?.trim())
    await deps.stores.users.update(who, made.userId, { name: form.name.trim() });
  return made;
}
