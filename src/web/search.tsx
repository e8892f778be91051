import { Type } from "@sinclair/typebox";
import { SearchPage } from "../../views/pages/search.tsx";
import { paths } from "../../views/paths.ts";
import { type Route, type RouteContext, route } from "../domain/route.ts";
import { html } from "../lib/reply.ts";
import type { WebDeps } from "./deps.ts";
import { readPlant } from "./plant.ts";
import { frameOf } from "./shell.ts";

const HITS = 20;

/** `GET /search`: assets, sensors, alarms and work by words. */
export function searchRoutes(deps: WebDeps): Route[] {
  return [
    route({
      surface: "page",
      permission: "plant:read",
      method: "GET",
      path: paths.search,
      summary: "Finds assets, sensors, alarms and work.",
      query: Type.Object({ q: Type.Optional(Type.String({ maxLength: 200 })) }),
      handle: async (context) =>
        html(SearchPage(await props(deps, context, context.query.q ?? ""))),
    }),
  ];
}

async function props(deps: WebDeps, context: RouteContext<unknown, unknown, unknown>, q: string) {
  const frame = await frameOf(deps, context);
  if (q.trim() === "") return { shell: frame.shell, q, groups: [] };
  const [plant, alerts, work] = await Promise.all([
    readPlant(deps, context.caller),
    deps.stores.alerts.list(context.caller, { view: "active", query: q, limit: HITS }),
    deps.stores.work.list(context.caller, { view: "open", limit: 500 }),
  ]);
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (...texts: string[]) => {
    const all = texts.join(" ").toLowerCase();
    return words.every((word) => all.includes(word));
  };
  const keyOf = (assetId: string) => plant.assets.get(assetId)?.key ?? "";
  const groups = [
    {
      name: "Assets",
      hits: [...plant.assets.values()]
        .filter((asset) => fits(asset.key, asset.name))
        .map((asset) => ({
          href: paths.asset(asset.id),
          text: `${asset.key} ${asset.name}`,
          sub: "",
        })),
    },
    {
      name: "Sensors",
      hits: [...plant.sensors.values()]
        .filter((sensor) => fits(keyOf(sensor.assetId), sensor.name, sensor.label))
        .map((sensor) => ({
          href: paths.sensor(sensor.id),
          text: sensor.label,
          sub: keyOf(sensor.assetId),
        })),
    },
    {
      name: "Alarms",
      hits: alerts.items.map((alert) => ({
        href: paths.alarm(alert.id),
        text: alert.ruleName,
        sub: keyOf(alert.assetId ?? ""),
      })),
    },
    {
      name: "Work",
      hits: work.items
        .filter((order) => fits(`WO-${order.number}`, order.title, keyOf(order.assetId)))
        .map((order) => ({
          href: paths.workOrder(order.id),
          text: `WO-${order.number} ${order.title}`,
          sub: keyOf(order.assetId),
        })),
    },
  ];
  return {
    shell: frame.shell,
    q,
    groups: groups
      .filter((group) => group.hits.length > 0)
      .map((group) => ({ ...group, hits: group.hits.slice(0, HITS) })),
  };
}
