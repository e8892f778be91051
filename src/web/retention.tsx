import { Type } from "@sinclair/typebox";
import { RetentionHeld, RetentionPage, RetentionRegion } from "../../views/pages/retention.tsx";
import { paths, withQuery } from "../../views/paths.ts";
import type { FormState } from "../../views/ui/model.ts";
import type { Caller } from "../domain/access.ts";
import { AppError } from "../domain/error.ts";
import { RETENTION_TIERS, type RetentionPolicy } from "../domain/retention.ts";
import { type Route, type RouteContext, route } from "../domain/route.ts";
import { html, onward, redirect } from "../lib/reply.ts";
import type { WebDeps } from "./deps.ts";
import { findItems } from "./explore-items.ts";
import {
  assignedIn,
  CLASS_ROWS_MOST,
  classField,
  classRows,
  policyOfForm,
  sensorField,
  typeField,
  valuesOfPolicy,
} from "./retention-form.ts";
import { diskOf, logRows, previewOf, tierRows } from "./retention-words.ts";
import { type Frame, frameOf } from "./shell.ts";

const admin = { surface: "page", permission: "admin" } as const;
const text = Type.Optional(Type.String({ maxLength: 200 }));
type Context = RouteContext<unknown, unknown, unknown>;

/** What the page shows beside what is stored. */
type Shown = {
  /** A form that came back, or a sensor to put into a class. */
  readonly form?: FormState;
  readonly version?: number | undefined;
  /** What was found by a dry run of the form. */
  readonly preview?: ReturnType<typeof previewOf> | undefined;
  readonly previewed?: string;
  readonly sensor?: string | undefined;
  readonly q?: string | undefined;
  readonly withHeld?: boolean;
  readonly status?: number;
};

/** How long readings are kept: classes, what would go, what is held, what went. */
export function retentionRoutes(deps: WebDeps): Route[] {
  return [
    route({
      ...admin,
      method: "GET",
      path: paths.retention,
      summary: "How long readings are kept, by class; what went.",
      query: Type.Object({ sensor: text, q: text, held: text }),
      handle: (context) => {
        const { sensor, q, held } = context.query;
        return page(deps, context, { sensor, q, withHeld: held !== undefined });
      },
    }),
    route({
      ...admin,
      method: "GET",
      path: paths.retentionHeld,
      summary: "What is held by class and tier, with sizes.",
      handle: async (context) => {
        if (!context.isPart) return redirect(withQuery(paths.retention, { held: "1" }));
        return html(RetentionHeld(await heldOf(deps, context)));
      },
    }),
    route({
      ...admin,
      method: "POST",
      path: paths.retention,
      summary: "Says what would go under other classes, and then takes them.",
      body: Type.Record(Type.String({ maxLength: 200 }), Type.Unknown()),
      handle: (context) => change(deps, context, context.body),
    }),
    route({
      ...admin,
      method: "POST",
      path: paths.retentionRuns,
      summary: "Lets go now what is too old.",
      handle: async (context) => {
        await deps.retention.run(context.caller);
        return onward(paths.retention, context.isPart);
      },
    }),
  ];
}

/** Names a policy, so that nothing is saved that was not looked at. */
const markOf = (policy: RetentionPolicy): string => Bun.hash(JSON.stringify(policy)).toString(36);

async function change(
  deps: WebDeps,
  context: Context,
  body: Readonly<Record<string, unknown>>,
): Promise<Response> {
  const { policy, state } = policyOfForm(body);
  const { version } = context;
  if (policy === undefined) return page(deps, context, { form: state, version, status: 422 });
  const mark = markOf(policy);
  const back = (errors: FormState["errors"], status: number, newest = version) =>
    page(deps, context, { form: { ...state, errors }, version: newest, status });
  try {
    if (body.act !== "save" || body.previewed !== mark) {
      const items = await deps.retention.preview(context.caller, policy);
      const errors: Record<string, string> =
        body.act === "save" ? { "": "Something was changed after you looked; look again." } : {};
      const preview = previewOf(await frameOf(deps, context), items);
      return page(deps, context, {
        ...{ form: { ...state, errors }, version, preview, previewed: mark },
        status: body.act === "save" ? 422 : 200,
      });
    }
    const changed = { version, idempotencyKey: context.idempotencyKey };
    await deps.retention.setPolicy(context.caller, policy, changed);
    return onward(paths.retention, context.isPart);
  } catch (error) {
    if (!(error instanceof AppError) || error.code === "internal") throw error;
    if (error.code !== "conflict") return back({ "": error.message }, 422);
    const { version: newest } = await deps.retention.policy(context.caller);
    const said = "Somebody else changed the classes meanwhile; yours stand here, look again.";
    return back({ "": said }, 409, newest);
  }
}

async function page(deps: WebDeps, context: Context, shown: Shown): Promise<Response> {
  const frame = await frameOf(deps, context);
  const props = await propsOf(deps, context, frame, shown);
  const status = shown.status ?? 200;
  return html(context.isPart ? RetentionRegion(props) : RetentionPage(props), status);
}

async function propsOf(deps: WebDeps, context: Context, frame: Frame, shown: Shown) {
  const { caller } = context;
  const { stores, retention } = deps;
  const [stored, types, log, free, tenants] = await Promise.all([
    retention.policy(caller),
    stores.assetTypes.list(caller),
    retention.log(caller),
    deps.disk(),
    stores.tenants.list(),
  ]);
  const form = shown.form ?? { values: valuesOfPolicy(stored.policy), errors: {} };
  const rows = Math.min(CLASS_ROWS_MOST, classRows(form.values) + 1);
  const names = Array.from({ length: rows }, (_, row) => form.values[classField(row, "name")]);
  const sensorIds = new Set(assignedIn(form.values, "sensor-"));
  if (shown.sensor) sensorIds.add(shown.sensor);
  return {
    shell: frame.shell,
    opening: openingOf(stored.policy),
    disk: diskOf(frame, free, tenants.length < 2),
    form,
    version: shown.version ?? stored.version,
    rows: Array.from({ length: rows }, (_, row) => ({
      name: classField(row, "name"),
      days: RETENTION_TIERS.map((tier) => classField(row, tier)),
      drop: row < rows - 1 ? classField(row, "drop") : undefined,
    })),
    classes: names.flatMap((name) => (name ? [{ value: name, label: name }] : [])),
    types: types.map((type) => ({ field: typeField(type.id), label: type.name })),
    sensors: await sensorsOf(deps, caller, [...sensorIds]),
    q: shown.q ?? "",
    hits: await hitsOf(deps, caller, shown.q ?? ""),
    preview: shown.preview,
    previewed: shown.previewed ?? "",
    heldShown: shown.withHeld ? await heldOf(deps, context) : undefined,
    log: logRows(frame, log),
    logMore: log.length > 50 ? `/api/v1/retention/${caller.tenantId}/log` : undefined,
  };
}

function openingOf({ classes, byAssetType, bySensor }: RetentionPolicy): string {
  const assigned = Object.keys(byAssetType).length + Object.keys(bySensor).length;
  if (classes.length === 1) return "One class keeps everything.";
  return `${classes.length} classes; ${assigned} types and sensors belong to one by name.`;
}

async function sensorsOf(deps: WebDeps, caller: Caller, ids: readonly string[]) {
  const assets = new Map((await deps.stores.assets.all(caller)).map((one) => [one.id, one.key]));
  const found = await Promise.all(ids.map((id) => deps.stores.sensors.get(caller, id)));
  return found.flatMap((sensor) =>
    sensor === undefined
      ? []
      : [
          {
            field: sensorField(sensor.id),
            label: `${assets.get(sensor.assetId) ?? ""} ${sensor.label}`.trim(),
          },
        ],
  );
}

async function hitsOf(deps: WebDeps, caller: Caller, q: string) {
  if (q.trim() === "") return undefined;
  const { found } = await findItems(deps.stores, caller, q);
  return found
    .filter(({ token }) => !/^\d+$/.test(token))
    .map(({ token, name }) => ({
      href: withQuery(paths.retention, { sensor: token }),
      text: name,
    }));
}

/** What is held; a store that cannot say so leaves the rest of the page. */
async function heldOf(deps: WebDeps, context: Context) {
  const frame = await frameOf(deps, context);
  try {
    return { held: tierRows(frame, await deps.retention.held(context.caller)), why: undefined };
  } catch (error) {
    if (!(error instanceof AppError) || error.code === "internal") throw error;
    return { held: [], why: error.message };
  }
}
