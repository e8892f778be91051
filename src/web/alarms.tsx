import { Type } from "@sinclair/typebox";
import { AlarmDetail, type AlarmDetailProps, AlarmPage } from "../../views/pages/alarm.tsx";
import { ALARM_VIEWS, AlarmsPage, type AlarmView } from "../../views/pages/alarms.tsx";
import { paths, withQuery } from "../../views/paths.ts";
import { AlarmRow, type AlarmRowProps } from "../../views/ui/alarm-row.tsx";
import type { SeverityMark } from "../../views/ui/model.ts";
import { mayUse } from "../domain/access.ts";
import { type Alert, type AlertEvent, type AlertFilter, alertActs } from "../domain/alert-store.ts";
import { AppError } from "../domain/error.ts";
import { type Route, type RouteContext, route } from "../domain/route.ts";
import { SEVERITIES, type Severity } from "../domain/rule.ts";
import { html, redirect } from "../lib/reply.ts";
import { chartOf, readSensor } from "./chart.ts";
import type { WebDeps } from "./deps.ts";
import { type Plant, readPlant } from "./plant.ts";
import { landingOf } from "./session.tsx";
import { type Frame, frameOf } from "./shell.ts";

const page = { surface: "page", permission: "plant:read", method: "GET" } as const;
const act = { surface: "page", permission: "alarm:act", method: "POST" } as const;
const ID = Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) });
const COMMENT = Type.Object({ comment: Type.Optional(Type.String({ maxLength: 2000 })) });
const FLOOD = { alarms: 10, us: 600_000_000 } as const;
const PAGE = 50;

type Context = RouteContext<unknown, unknown, unknown>;

/** The list of alarms, one alarm, and what people do with it. */
export function alarmsRoutes(deps: WebDeps): Route[] {
  return [...listRoutes(deps), ...actRoutes(deps)];
}

function listRoutes(deps: WebDeps): Route[] {
  return [
    route({
      ...page,
      path: paths.alarms,
      summary: "Alarms, most urgent first.",
      query: Type.Object({
        view: Type.Optional(Type.String()),
        severity: Type.Optional(Type.String()),
        q: Type.Optional(Type.String({ maxLength: 200 })),
        cursor: Type.Optional(Type.String({ maxLength: 500 })),
      }),
      handle: async (context) =>
        html(await AlarmsPage(await listProps(deps, context, context.query))),
    }),
    route({
      ...page,
      path: "/alarms/:id",
      summary: "One alarm with the numbers that opened it.",
      params: ID,
      handle: async (context) => {
        const frame = await frameOf(deps, context);
        const plant = await readPlant(deps, context.caller);
        const detail = await detailProps(deps, context, frame, plant, context.params.id);
        return context.isPart
          ? html(AlarmDetail(detail))
          : html(AlarmPage({ shell: frame.shell, detail }));
      },
    }),
  ];
}

function actRoutes(deps: WebDeps): Route[] {
  const { alerts } = deps.stores;
  return [
    route({
      ...act,
      path: "/alarms/:id/acknowledgement",
      summary: "Acknowledges an alarm.",
      params: ID,
      body: COMMENT,
      handle: (context) =>
        afterAct(deps, context, context.params.id, () =>
          alerts.acknowledge(context.caller, context.params.id, context.body.comment, {
            idempotencyKey: context.idempotencyKey,
          }),
        ),
    }),
    route({
      ...act,
      path: "/alarms/:id/closure",
      summary: "Closes an alarm.",
      params: ID,
      body: COMMENT,
      handle: (context) =>
        afterAct(deps, context, context.params.id, async () => {
          await alerts.requestClose(context.caller, context.params.id, context.body.comment, {
            idempotencyKey: context.idempotencyKey,
          });
          await deps.tellLog();
        }),
    }),
    route({
      ...act,
      path: "/alarms/acknowledgement",
      summary: "Acknowledges the ticked alarms.",
      body: Type.Object({
        alarm: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
        next: Type.Optional(Type.String()),
      }),
      handle: async (context) => {
        const ticked = context.body.alarm ?? [];
        for (const id of Array.isArray(ticked) ? ticked : [ticked]) {
          try {
            await alerts.acknowledge(context.caller, id);
          } catch (error) {
            // One that somebody else closed meanwhile does not keep the others from being taken.
            if (!(error instanceof AppError && error.code === "conflict")) throw error;
          }
        }
        return redirect(landingOf(context.body.next ?? paths.alarms));
      },
    }),
  ];
}

/** Does it, then shows the alarm anew: as the part that asked, or by sending the browser back. */
async function afterAct(
  deps: WebDeps,
  context: Context,
  id: string,
  doIt: () => Promise<unknown>,
): Promise<Response> {
  let problem: string | undefined;
  try {
    await doIt();
  } catch (error) {
    if (!(error instanceof AppError && error.code === "conflict")) throw error;
    problem = error.message;
  }
  if (!context.isPart) return redirect(backOf(context, paths.alarm(id)));
  const frame = await frameOf(deps, context);
  const plant = await readPlant(deps, context.caller);
  if (context.request.headers.get("hx-target")?.startsWith("alarm-")) {
    const alert = await alertOf(deps, context, id);
    return html(
      AlarmRow({ ...rowProps(frame, plant, alert, true), keys: frame.shell, mayAct: true }),
    );
  }
  const detail = await detailProps(deps, context, frame, plant, id);
  return html(AlarmDetail({ ...detail, problem }), problem === undefined ? 200 : 409);
}

/** The page that the form stood on, if it is one of ours. */
function backOf(context: Context, fallback: string): string {
  const referer = context.request.headers.get("referer");
  if (referer === null || !URL.canParse(referer)) return fallback;
  const url = new URL(referer);
  return url.host === context.url.host ? `${url.pathname}${url.search}` : fallback;
}

async function alertOf(deps: WebDeps, context: Context, id: string): Promise<Alert> {
  const alert = await deps.stores.alerts.get(context.caller, id);
  if (alert === undefined) throw new AppError("not-found", `no alarm ${id}`);
  return alert;
}

function markOf(alert: Alert): SeverityMark {
  return {
    severity: alert.severity,
    acknowledged: alert.status === "acknowledged",
    off: alert.status === "closed",
  };
}

function rowProps(frame: Frame, plant: Plant, alert: Alert, mayAct: boolean): AlarmRowProps {
  const { format, nowUs } = frame;
  const sensor = alert.sensorId === undefined ? undefined : plant.sensors.get(alert.sensorId);
  const asset = alert.assetId === undefined ? undefined : plant.assets.get(alert.assetId);
  const decimals = sensor?.decimals ?? 2;
  const value = format.value(alert.value, decimals, sensor?.unit ?? "");
  return {
    id: alert.id,
    version: alert.version,
    mark: markOf(alert),
    title: alert.ruleName,
    assetName: asset === undefined ? undefined : `${asset.key} ${asset.name}`,
    assetHref: asset === undefined ? undefined : paths.asset(asset.id),
    value: `${value}, limit ${format.number(alert.threshold, decimals)}`,
    since: format.at(alert.openedAtUs, nowUs),
    lasted: format.duration(((alert.closedAtUs ?? nowUs) - alert.openedAtUs) / 1000),
    state: stateText(frame, alert),
    mayAcknowledge: mayAct && alertActs(alert).acknowledge,
    chosen: false,
  };
}

function stateText({ format, nowUs }: Frame, alert: Alert): string {
  if (alert.status === "closed" && alert.closedAtUs !== undefined)
    return `closed ${format.at(alert.closedAtUs, nowUs).text}`;
  if (alert.status === "acknowledged") return alert.acknowledgedBy ?? "acknowledged";
  return alert.severity === "info" ? "recorded" : "new";
}

const STORE_VIEW: Readonly<Record<AlarmView, AlertFilter["view"]>> = {
  active: "active",
  unacknowledged: "unacknowledged",
  closed: "closed",
  info: "all",
};

async function listProps(
  deps: WebDeps,
  context: Context,
  query: { view?: string; severity?: string; q?: string; cursor?: string },
) {
  const frame = await frameOf(deps, context);
  const plant = await readPlant(deps, context.caller);
  const view = ALARM_VIEWS.find((one) => one === query.view) ?? "active";
  const severity = SEVERITIES.find((one): one is Severity => one === query.severity);
  const { alerts } = deps.stores;
  const [found, counts, recent] = await Promise.all([
    alerts.list(context.caller, {
      view: STORE_VIEW[view],
      severity: view === "info" ? "info" : severity,
      query: query.q || undefined,
      limit: PAGE,
      after: query.cursor,
    }),
    alerts.counts(context.caller),
    alerts.list(context.caller, { view: "all", fromUs: frame.nowUs - FLOOD.us, limit: 200 }),
  ]);
  const mayAct = mayUse("alarm:act", context.caller);
  const shown = view === "info" ? found.items : found.items.filter((a) => a.severity !== "info");
  const flood = recent.items.filter((a) => a.severity !== "info").length;
  const next = found.next;
  return {
    shell: frame.shell,
    opening: openingOf(counts.active, counts.unacknowledged),
    view,
    counts,
    severity: severity ?? ("" as const),
    q: query.q ?? "",
    rows: shown.map((alert) => rowProps(frame, plant, alert, mayAct)),
    paging: {
      nextHref: next && withQuery(paths.alarms, { view, severity, q: query.q, cursor: next }),
      countText: shown.length === 1 ? "1 alarm" : `${shown.length} alarms`,
    },
    flood:
      flood > FLOOD.alarms
        ? `${flood} alarms in 10 minutes: look for one cause before you take each.`
        : undefined,
    detail: undefined,
    mayAct,
  };
}

const EVENT_WORDS: Readonly<Record<AlertEvent["kind"], string>> = {
  opened: "opened",
  acknowledged: "acknowledged",
  commented: "commented",
  "close-requested": "close asked for",
  closed: "closed",
};

/** One line of an alarm's history: "acknowledged by Anna: looks at it", "closed: cleared". Pure. */
export function eventText({ kind, by, text }: Pick<AlertEvent, "kind" | "by" | "text">): string {
  const who = by === "" ? EVENT_WORDS[kind] : `${EVENT_WORDS[kind]} by ${by}`;
  // That its condition held is what opening means.
  return text === "" || kind === "opened" ? who : `${who}: ${text}`;
}

function openingOf(active: number, unacknowledged: number): string {
  if (active === 0) return "No active alarms";
  const all = active === 1 ? "1 active alarm" : `${active} active alarms`;
  return unacknowledged === 0
    ? `${all}, all acknowledged`
    : `${all}, ${unacknowledged} not acknowledged`;
}

const HOUR_US = 3_600_000_000;

async function detailProps(
  deps: WebDeps,
  context: Context,
  frame: Frame,
  plant: Plant,
  id: string,
): Promise<AlarmDetailProps> {
  const alert = await alertOf(deps, context, id);
  const events = await deps.stores.alerts.events(context.caller, id);
  const { format, nowUs } = frame;
  const sensor = alert.sensorId === undefined ? undefined : plant.sensors.get(alert.sensorId);
  const asset = alert.assetId === undefined ? undefined : plant.assets.get(alert.assetId);
  const mayAct = mayUse("alarm:act", context.caller);
  const acts = alertActs(alert);
  const decimals = sensor?.decimals ?? 2;
  const side = alert.op === "above" ? "over" : "under";
  const held = format.duration((alert.openedAtUs - alert.sinceUs) / 1000);
  const sentence =
    `${format.value(alert.value, decimals, sensor?.unit ?? "")} was ${side} ` +
    `${format.number(alert.threshold, decimals)}${alert.openedAtUs > alert.sinceUs ? ` for ${held}` : ""}. ` +
    `That is rule “${alert.ruleName}”, version ${alert.ruleVersion}.`;
  return {
    keys: frame.shell,
    id,
    version: alert.version,
    mark: markOf(alert),
    title: alert.ruleName,
    asset: asset && { id: asset.id, tag: asset.key, name: asset.name },
    sensorHref: sensor && paths.sensor(sensor.id),
    sentence,
    chart: sensor && (await detailChart(deps, frame, plant, alert, sensor)),
    facts: [
      { label: "Opened", value: format.at(alert.openedAtUs, nowUs).title },
      { label: "Severity", value: alert.severity },
      { label: "State", value: stateText(frame, alert) },
      ...(alert.closeReason === undefined
        ? []
        : [{ label: "Closed because", value: alert.closeReason }]),
      { label: "Rule", value: { href: paths.rule(alert.ruleId), text: alert.ruleName } },
    ],
    events: events.map((event) => ({
      at: format.at(event.atUs, nowUs),
      text: eventText(event),
    })),
    mayAcknowledge: mayAct && acts.acknowledge,
    mayClose: mayAct && acts.close,
    workHref:
      asset && mayUse("work:write", context.caller)
        ? withQuery(paths.workNew, { asset: asset.id, alarm: alert.id })
        : undefined,
    problem: undefined,
  };
}

async function detailChart(
  deps: WebDeps,
  frame: Frame,
  plant: Plant,
  alert: Alert,
  sensor: Parameters<typeof chartOf>[1]["sensor"],
) {
  const fromUs = alert.sinceUs - 3 * HOUR_US;
  const toUs = Math.min(frame.nowUs, Math.max(alert.openedAtUs + HOUR_US, alert.closedAtUs ?? 0));
  const points = await readSensor(deps.readings, plant.mapped, sensor.id, {
    fromUs,
    toUs,
    maxPoints: 300,
  });
  return chartOf(frame, {
    id: `alarm-chart-${alert.id}`,
    title: sensor.label,
    sensor,
    points,
    fromUs,
    toUs,
    small: true,
    limits: [
      {
        value: alert.threshold,
        severity: alert.severity,
        label: `limit ${frame.format.number(alert.threshold, sensor.decimals)}`,
      },
    ],
    marks: [
      {
        kind: "alarm",
        atUs: alert.openedAtUs,
        label: alert.ruleName,
        severity: alert.severity,
        acknowledged: alert.status === "acknowledged",
      },
    ],
    shade: { fromUs: alert.sinceUs, toUs: alert.openedAtUs, label: "hold time" },
  });
}
