import { Type } from "@sinclair/typebox";
import { TokensPage } from "../../views/pages/tokens.tsx";
import { UploadsPage } from "../../views/pages/uploads.tsx";
import { paths } from "../../views/paths.ts";
import type { FormState } from "../../views/ui/model.ts";
import { KEY_SCOPES, type KeyScope, mayUse } from "../domain/access.ts";
import { AppError } from "../domain/error.ts";
import { IMPORT_KINDS, type ImportKind } from "../domain/import.ts";
import { type Route, type RouteContext, route } from "../domain/route.ts";
import type { Upload } from "../domain/upload.ts";
import { html, redirect } from "../lib/reply.ts";
import type { WebDeps } from "./deps.ts";
import { tabsOf } from "./ingest.tsx";
import { type Frame, frameOf } from "./shell.ts";

type Context = RouteContext<unknown, unknown, unknown>;
const ERRORS_SHOWN = 20;
const text = Type.Optional(Type.String({ maxLength: 300 }));

/** Files people bring in, and the keys of devices. */
export function uploadsRoutes(deps: WebDeps): Route[] {
  return [...uploads(deps), ...tokens(deps)];
}

function uploads(deps: WebDeps): Route[] {
  return [
    route({
      surface: "page",
      permission: "plant:read",
      method: "GET",
      path: paths.uploads,
      summary: "Imported files with what became of their rows.",
      handle: (context) => uploadsPage(deps, context, { values: {}, errors: {} }, 200),
    }),
    route({
      surface: "page",
      permission: "ingest:write",
      method: "POST",
      path: paths.uploads,
      summary: "Brings a file in.",
      maxBytes: deps.maxUploadBytes,
      body: Type.Object({ kind: text, file: Type.Optional(Type.Unknown()) }),
      handle: async (context) => {
        const { kind, file } = context.body;
        if (!(file instanceof File) || file.size === 0) {
          const form = { values: { kind: kind ?? "" }, errors: { file: "Choose a file." } };
          return uploadsPage(deps, context, form, 422);
        }
        await deps.importLater({
          tenantId: context.caller.tenantId,
          name: file.name,
          // Bun's stream iterates; the DOM type does not say so.
          bytes: file.stream() as unknown as AsyncIterable<Uint8Array>,
          kind: IMPORT_KINDS.find((one): one is ImportKind => one === kind),
          zone: undefined,
          by: context.caller,
        });
        return redirect(paths.uploads);
      },
    }),
  ];
}

const KINDS = [
  {
    value: "",
    label: "by its header",
    columns: "whatever the first line names",
    example: "asset,time,vibration,temperature",
  },
  {
    value: "assets",
    label: "assets",
    columns:
      "key,name,type,parent,site,criticality,installed_at,downtime_cost_per_hour,repair_cost,failure_cost",
    example: "P-101,Feed pump A,Pump,line-1,North,A,2019-04-01,800,2150,18400",
  },
  {
    value: "sensors",
    label: "sensors",
    columns: "asset,name,unit,decimals,low_critical,low_warning,high_warning,high_critical",
    example: "P-101,vibration,mm/s,1,,,4.5,7.1",
  },
  {
    value: "asset-types",
    label: "asset types",
    columns: "name,clock_step_hours,clock_unit,planning_horizon_steps,settings",
    example: "Pump,6,6 h,56,load;speed",
  },
  {
    value: "readings",
    label: "readings",
    columns: "asset,time and a column per sensor, or asset,sensor,time,value",
    example: "P-101,2026-11-25T06:00:00Z,2.1,54.0",
  },
  {
    value: "maintenance",
    label: "maintenance records",
    columns: "asset,started_at,finished_at,kind,failure_mode,title,cost,hours",
    example:
      "P-101,2026-10-02T07:10:00Z,2026-10-02T13:00:00Z,failure,bearing wear,Bearing replaced,2150,6",
  },
  {
    value: "lines",
    label: "line protocol",
    columns: "lines as devices send them",
    example: "readings,asset=P-101,sensor=vibration value=2.1 1764050400",
  },
] as const;

async function uploadsPage(deps: WebDeps, context: Context, form: FormState, status: number) {
  const frame = await frameOf(deps, context);
  const [tabs, found] = await Promise.all([
    tabsOf(deps, context.caller),
    deps.stores.uploads.list(context.caller, 50),
  ]);
  const page = UploadsPage({
    shell: frame.shell,
    tabs,
    form,
    kinds: KINDS,
    uploads: found.map((upload) => uploadRow(frame, upload)),
    mayWrite: mayUse("ingest:write", context.caller),
    limit: `At most ${frame.format.bytes(deps.maxUploadBytes)}.`,
  });
  return html(page, status);
}

function uploadRow({ format, nowUs }: Frame, upload: Upload) {
  const taken = format.number(upload.rowsTaken);
  return {
    id: upload.id,
    name: upload.name,
    kind: upload.kind === "unknown" ? "not known yet" : upload.kind,
    status: upload.status,
    result: `${taken} rows in, ${format.number(upload.rowsRefused)} refused`,
    at: format.at(upload.createdAtUs, nowUs),
    by: upload.createdBy,
    errors: upload.errors.slice(0, ERRORS_SHOWN),
    moreErrors: Math.max(0, upload.rowsRefused - Math.min(ERRORS_SHOWN, upload.errors.length)),
    failure: upload.failure,
  };
}

const admin = { surface: "page", permission: "admin" } as const;
const SCOPES: Readonly<Record<KeyScope, string>> = {
  write: "write: sends readings",
  read: "read: reads the plant",
  admin: "admin: everything",
};

function tokens(deps: WebDeps): Route[] {
  return [
    route({
      ...admin,
      method: "GET",
      path: paths.tokens,
      summary: "Keys of devices and programs.",
      handle: (context) =>
        tokensPage(deps, context, { values: { scope: "write" }, errors: {} }, undefined, 200),
    }),
    route({
      ...admin,
      method: "POST",
      path: paths.tokens,
      summary: "Makes a key and shows its token this once.",
      body: Type.Object({ name: text, scope: text }),
      handle: async (context) => {
        const name = context.body.name?.trim() ?? "";
        const scope = KEY_SCOPES.find((one) => one === context.body.scope);
        const errors: Record<string, string> = {};
        if (name === "") errors.name = "Say what uses the key.";
        if (scope === undefined) errors.scope = "Choose what it may do.";
        const values = { name, scope: context.body.scope ?? "write" };
        if (name === "" || scope === undefined)
          return tokensPage(deps, context, { values, errors }, undefined, 422);
        try {
          const { token } = await deps.stores.apiKeys.create(
            context.caller,
            { name, scope },
            { idempotencyKey: context.idempotencyKey },
          );
          const form = { values: { scope: "write" }, errors: {} };
          return await tokensPage(deps, context, form, { name, token }, 201);
        } catch (error) {
          if (!(error instanceof AppError && error.code === "conflict")) throw error;
          return tokensPage(
            deps,
            context,
            { values, errors: { "": error.message } },
            undefined,
            409,
          );
        }
      },
    }),
    route({
      ...admin,
      method: "POST",
      path: "/ingest/tokens/:id/revocation",
      summary: "Revokes a key.",
      params: Type.Object({ id: Type.String() }),
      handle: async (context) => {
        await deps.stores.apiKeys.revoke(context.caller, context.params.id, {
          idempotencyKey: context.idempotencyKey,
        });
        return redirect(paths.tokens);
      },
    }),
  ];
}

async function tokensPage(
  deps: WebDeps,
  context: Context,
  form: FormState,
  fresh: { name: string; token: string } | undefined,
  status: number,
) {
  const frame = await frameOf(deps, context);
  const { format, nowUs } = frame;
  const [tabs, keys] = await Promise.all([
    tabsOf(deps, context.caller),
    deps.stores.apiKeys.list(context.caller),
  ]);
  const at = (us: number | undefined) => (us === undefined ? undefined : format.at(us, nowUs));
  const page = TokensPage({
    shell: frame.shell,
    tabs,
    form,
    scopes: KEY_SCOPES.map((value) => ({ value, label: SCOPES[value] })),
    tokens: keys.map((key) => ({
      id: key.id,
      version: key.version,
      name: `${key.name} (${key.prefix}…)`,
      scope: key.scope,
      made: format.at(key.createdAtUs, nowUs),
      lastUsed: at(key.lastUsedAtUs),
      revoked: at(key.revokedAtUs),
    })),
    fresh: fresh && {
      ...fresh,
      example:
        `curl -X POST '${context.url.origin}/api/v2/write?bucket=plant&precision=s' ` +
        `-H 'Authorization: Token ${fresh.token}' ` +
        `--data-binary 'readings,asset=P-101,sensor=vibration value=2.1 '$(date +%s)`,
    },
    mayWrite: true,
  });
  return html(page, status);
}
