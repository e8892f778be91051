import type { NeedRow } from "../../views/pages/now.tsx";
import { paths, withQuery } from "../../views/paths.ts";
import type { Link } from "../../views/ui/model.ts";
import type { Alert } from "../domain/alert-store.ts";
import type { Asset } from "../domain/asset.ts";
import type { Sensor } from "../domain/sensor.ts";
import type { WorkOrder } from "../domain/work-order.ts";
import type { PlantAsset } from "./plant.ts";
import { predictionOf, predictionWords, riskOf } from "./prediction-words.ts";
import type { Frame } from "./shell.ts";
import { counted } from "./trust.ts";

/** Rows of the list; what is beyond them becomes links. */
const NEEDS_MOST = 5;
/** Blind assets named one by one in the row that groups them. */
const BLIND_NAMED = 4;

/** All that may need a person, as read for the page. */
export type NeedsInput = {
  /** Not acknowledged, most severe first. */
  readonly alerts: readonly Alert[];
  readonly machines: readonly PlantAsset[];
  /** Open work. */
  readonly work: readonly WorkOrder[];
  readonly assets: ReadonlyMap<string, Asset>;
  readonly sensors: ReadonlyMap<string, Sensor>;
  /** Series that wait in the inbox. */
  readonly inbox: number;
  readonly mayPlan: boolean;
};

type Words = Pick<Frame, "format" | "nowUs">;

/** What needs a person now, most urgent first, at most five; the rest is linked. Pure. */
export function needsOf(words: Words, input: NeedsInput): { needs: NeedRow[]; later: Link[] } {
  const urgent = input.alerts.filter(
    ({ severity }) => severity === "emergency" || severity === "critical",
  );
  const emergencies = urgent.filter(({ severity }) => severity === "emergency");
  const criticals = urgent.filter(({ severity }) => severity === "critical");
  const blind = input.machines.filter(({ state }) => state === "blind");
  const likely = input.machines
    .filter(isLikelyToFail)
    .sort((a, b) => riskAmountOf(b) - riskAmountOf(a));
  const late = input.work.filter((order) => isLate(order, words.nowUs));
  const groups = [
    {
      rows: [...emergencies, ...criticals].map((alert) => alarmNeed(words, input, alert)),
      link: { href: withQuery(paths.alarms, { view: "unacknowledged" }), noun: "urgent alarm" },
    },
    { rows: blind.length === 0 ? [] : [blindNeed(words, blind)], link: undefined },
    {
      rows: likely.map((machine) => predictionNeed(words, input, machine)),
      link: { href: paths.predictions, noun: "likely failure" },
    },
    {
      rows: late.map((order) => lateNeed(words, input, order)),
      link: { href: paths.work, noun: "late work order" },
    },
  ];
  const needs: NeedRow[] = [];
  const later: Link[] = [];
  for (const { rows, link } of groups) {
    const room = Math.max(0, NEEDS_MOST - needs.length);
    needs.push(...rows.slice(0, room));
    const over = rows.length - Math.min(rows.length, room);
    if (over > 0 && link !== undefined)
      later.push({ href: link.href, text: `${counted(over, `more ${link.noun}`)}` });
    if (over > 0 && link === undefined)
      later.push({
        href: withQuery(paths.assets, { state: "blind" }),
        text: `${counted(blind.length, "asset")} that cannot be seen`,
      });
  }
  return { needs, later: [...later, ...restLinks(input, urgent.length)] };
}

function restLinks(input: NeedsInput, urgent: number): Link[] {
  const warnings = input.alerts.length - urgent;
  const asked = input.work.filter(({ status }) => status === "requested").length;
  return [
    ...(warnings > 0
      ? [
          {
            href: withQuery(paths.alarms, { view: "unacknowledged", severity: "warning" }),
            text: `${counted(warnings, "warning")} not acknowledged`,
          },
        ]
      : []),
    ...(asked > 0
      ? [{ href: paths.work, text: `${counted(asked, "work order")} to be planned` }]
      : []),
    ...(input.inbox > 0
      ? [{ href: paths.inbox, text: `${counted(input.inbox, "new sensor")} to adopt` }]
      : []),
  ];
}

function riskAmountOf({ prediction, asset }: PlantAsset): number {
  return riskOf(prediction?.failureChance, asset.failureCost) ?? 0;
}

/** In service, and its predictions have raised an alarm (two in a row over the floor). Pure. */
export function isLikelyToFail(
  machine: Pick<PlantAsset, "asset" | "prediction" | "state">,
): boolean {
  if (machine.asset.mode !== "in-service" || machine.state === "blind") return false;
  return predictionOf(machine.prediction)?.alarm?.kind === "raised";
}

/** Planned for a time that is over. Pure. */
export function isLate(order: WorkOrder, nowUs: number): boolean {
  return order.plannedAtUs !== undefined && order.plannedAtUs < nowUs;
}

function planLinks(input: NeedsInput, query: Record<string, string | undefined>): Link[] {
  return input.mayPlan ? [{ href: withQuery(paths.workNew, query), text: "Plan work" }] : [];
}

function alarmNeed(words: Words, input: NeedsInput, alert: Alert): NeedRow {
  const { format, nowUs } = words;
  const sensor = alert.sensorId === undefined ? undefined : input.sensors.get(alert.sensorId);
  const asset = alert.assetId === undefined ? undefined : input.assets.get(alert.assetId);
  const machine = input.machines.find((one) => one.asset.id === alert.assetId);
  const decimals = sensor?.decimals ?? 2;
  const where = asset === undefined ? "A series in the inbox" : `${asset.key} ${asset.name}`;
  const side = alert.op === "above" ? "above" : "below";
  const what = sensor?.label.toLowerCase() ?? "value";
  const held = format.duration((nowUs - alert.openedAtUs) / 1000);
  const said = machine && predictionWords(format, machine, machine.prediction);
  const follows = said === undefined || said.isRule ? "" : ` ${said.sentence}`;
  return {
    id: `need-alarm-${alert.id}`,
    mark: { kind: "severity", severity: alert.severity },
    title: `${where} is ${side} its ${alert.severity} limit`,
    href: paths.alarm(alert.id),
    detail:
      `${sensor?.label ?? what} ${format.value(alert.value, decimals, sensor?.unit ?? "")}, ` +
      `limit ${format.number(alert.threshold, decimals)}, for ${held}.${follows}`,
    chips: costChips(words, asset),
    acknowledge: { alarmId: alert.id, version: alert.version },
    links: planLinks(input, { asset: asset?.id, alarm: alert.id }),
  };
}

function costChips({ format }: Words, asset: Asset | undefined) {
  const cost = asset?.failureCost;
  return cost === undefined ? [] : [{ text: `${format.moneyShort(cost)} if it fails` }];
}

function blindNeed(words: Words, blind: readonly PlantAsset[]): NeedRow {
  const { format, nowUs } = words;
  const seen = blind.flatMap(({ newestUs }) => (newestUs === undefined ? [] : [newestUs]));
  const named = blind.slice(0, BLIND_NAMED).map(({ ref }) => ref.tag);
  const more = blind.length - named.length;
  const [first] = blind;
  const newest = seen.length === 0 ? undefined : Math.max(...seen);
  const since =
    newest === undefined
      ? "Nothing was read of them yet."
      : `No data for ${format.duration((nowUs - newest) / 1000)}. What is shown of them is from before.`;
  return {
    id: `need-blind-${first?.asset.id ?? ""}`,
    mark: { kind: "state", state: "blind" },
    title:
      blind.length === 1
        ? `${first?.ref.tag ?? ""} ${first?.ref.name ?? ""} cannot be seen`
        : `${blind.length} assets cannot be seen`,
    href:
      blind.length === 1 && first !== undefined
        ? paths.asset(first.asset.id)
        : withQuery(paths.assets, { state: "blind" }),
    detail:
      blind.length === 1
        ? since.replace("of them", "of it")
        : `${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}. ${since}`,
    chips: [],
    links: [{ href: paths.ingest, text: "Open ingest" }],
  };
}

function predictionNeed(words: Words, input: NeedsInput, machine: PlantAsset): NeedRow {
  const { format } = words;
  const said = predictionWords(format, machine, machine.prediction);
  const id = machine.prediction?.id ?? "";
  return {
    id: `need-prediction-${machine.asset.id}`,
    mark: { kind: "state", state: "watch" },
    title: `${machine.ref.tag} ${machine.ref.name} may fail soon`,
    href: paths.prediction(id),
    detail: [said?.sentence, said?.second, said?.why].filter(Boolean).join(" "),
    chips: costChips(words, machine.asset),
    links: planLinks(input, { asset: machine.asset.id, prediction: id }),
  };
}

function lateNeed({ format, nowUs }: Words, input: NeedsInput, order: WorkOrder): NeedRow {
  const asset = input.assets.get(order.assetId);
  const planned = order.plannedAtUs ?? nowUs;
  return {
    id: `need-work-${order.id}`,
    mark: { kind: "severity", severity: "warning" },
    title: `WO-${order.number} ${order.title} is late`,
    href: paths.workOrder(order.id),
    detail: `${asset === undefined ? "" : `${asset.key} ${asset.name}, `}planned for ${format.at(planned, nowUs).text}, ${format.duration((nowUs - planned) / 1000)} ago.`,
    chips: [],
    links: [],
  };
}

/** "Three things need you": the opening sentence of the page. Pure. */
export function openingOf(count: number): string {
  const words = ["Nothing needs you", "One thing needs you", "Two", "Three", "Four", "Five"];
  if (count <= 1) return words[count] ?? "";
  return `${words[count] ?? count} things need you`;
}
