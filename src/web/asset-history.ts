import { paths } from "../../views/paths.ts";
import type { Fact, TimelineEntry } from "../../views/ui/model.ts";
import type { Alert } from "../domain/alert-store.ts";
import type { Asset } from "../domain/asset.ts";
import type { WorkOrder } from "../domain/work-order.ts";
import { nextWork, workText } from "./now.tsx";
import type { Plant } from "./plant.ts";
import type { Frame } from "./shell.ts";

type Words = Pick<Frame, "format" | "nowUs">;

const ENTRIES_MOST = 8;
const DAY_US = 86_400_000_000;

/** What happened to an asset, newest first: its alarms and its work. Pure. */
export function timelineOf(
  words: Words,
  plant: Pick<Plant, "sensors">,
  of: {
    readonly alerts: readonly Alert[];
    readonly work: readonly WorkOrder[];
    /** Failure modes by id. */
    readonly modeNames: ReadonlyMap<string, string>;
  },
): TimelineEntry[] {
  const entries = [
    ...of.alerts
      .filter(({ severity }) => severity !== "info")
      .map((alert) => ({ atUs: alert.openedAtUs, entry: alarmEntry(words, plant, alert) })),
    ...of.work.map((order) => {
      const atUs = workTimeUs(order);
      return { atUs, entry: workEntry(words, order, atUs, of.modeNames) };
    }),
  ];
  return entries
    .sort((a, b) => b.atUs - a.atUs)
    .slice(0, ENTRIES_MOST)
    .map(({ entry }) => entry);
}

function alarmEntry(
  { format, nowUs }: Words,
  plant: Pick<Plant, "sensors">,
  alert: Alert,
): TimelineEntry {
  const sensor = alert.sensorId === undefined ? undefined : plant.sensors.get(alert.sensorId);
  const decimals = sensor?.decimals ?? 2;
  const closed =
    alert.closedAtUs === undefined
      ? "still open"
      : `for ${format.duration((alert.closedAtUs - alert.openedAtUs) / 1000)}`;
  const by = alert.acknowledgedBy === undefined ? "" : `, acknowledged by ${alert.acknowledgedBy}`;
  return {
    at: format.at(alert.openedAtUs, nowUs),
    mark: { kind: "severity", severity: alert.severity, acknowledged: alert.status !== "open" },
    title: alert.ruleName,
    detail:
      `${format.value(alert.value, decimals, sensor?.unit ?? "")}, ` +
      `limit ${format.number(alert.threshold, decimals)}, ${closed}${by}`,
    href: paths.alarm(alert.id),
  };
}

function workTimeUs(order: WorkOrder): number {
  return order.closeOut?.foundAtUs ?? order.completedAtUs ?? order.plannedAtUs ?? order.createdAtUs;
}

function workEntry(
  { format, nowUs }: Words,
  order: WorkOrder,
  atUs: number,
  modeNames: ReadonlyMap<string, string>,
): TimelineEntry {
  const { closeOut, completedAtUs } = order;
  const found = closeOut?.foundAtUs;
  return {
    at: format.at(atUs, nowUs),
    mark: { kind: "icon", icon: "work" },
    title: `WO-${order.number} ${order.title}`,
    detail:
      closeOut === undefined
        ? workText({ format, nowUs }, order)
        : `closed: ${findingText(order, modeNames)}`,
    href: paths.workOrder(order.id),
    ...(found !== undefined && completedAtUs !== undefined && completedAtUs - found > DAY_US
      ? { foundLater: true }
      : {}),
  };
}

function findingText({ closeOut }: WorkOrder, modeNames: ReadonlyMap<string, string>): string {
  if (closeOut?.finding === "planned") return "planned work";
  if (closeOut?.finding === "nothing") return "nothing wrong";
  return modeNames.get(closeOut?.failureModeId ?? "") ?? "a failure";
}

/** What work and failures of an asset come to. What is not known says so. Pure. */
export function moneyFacts(
  words: Words,
  asset: Asset,
  of: {
    readonly work: readonly WorkOrder[];
    /** Done work with a close-out. */
    readonly labels: readonly WorkOrder[];
    readonly modeNames: ReadonlyMap<string, string>;
  },
): Fact[] {
  const { format, nowUs } = words;
  const open = of.work.filter(({ status }) => status !== "done" && status !== "cancelled");
  const next = nextWork(open, asset.id);
  const failure = of.labels
    .filter(({ closeOut }) => closeOut?.finding === "failure")
    .sort((a, b) => workTimeUs(b) - workTimeUs(a))[0];
  const perHour = asset.downtimeCostPerHour;
  return [
    {
      label: "Next work",
      value:
        next === undefined
          ? "none is planned"
          : { href: paths.workOrder(next.id), text: workText(words, next) },
    },
    { label: "If it fails", value: format.money(asset.failureCost) },
    { label: "Planned repair", value: format.money(asset.repairCost) },
    {
      label: "An hour of standstill",
      value: perHour === undefined ? "not known" : format.money(perHour),
    },
    {
      label: "Last failure",
      value:
        failure === undefined
          ? "none is recorded"
          : {
              href: paths.workOrder(failure.id),
              text: `${format.at(workTimeUs(failure), nowUs).text}, ${findingText(failure, of.modeNames)}`,
            },
    },
  ];
}
