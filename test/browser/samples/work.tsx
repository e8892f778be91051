import { PredictionPage, type PredictionProps } from "../../../views/pages/prediction.tsx";
import { PredictionsPage } from "../../../views/pages/predictions.tsx";
import { WorkPage, type WorkProps } from "../../../views/pages/work.tsx";
import { WorkClosePage } from "../../../views/pages/work-close.tsx";
import { WorkNewPage } from "../../../views/pages/work-new.tsx";
import { WorkOrderPage } from "../../../views/pages/work-order.tsx";
import { asset, at, emptyForm, gearbox, HOUR, health, mini, type Sample, shell } from "./shell.ts";

const prediction: PredictionProps = {
  shell,
  id: "9",
  asset: gearbox,
  title: "62 % chance of failure within 14 days",
  sub: "Most likely 9 to 21 days from now (80 % range), 2 to 14 December. Computed today 06:00.",
  range: {
    low: 9,
    middle: 14,
    high: 21,
    end: 40,
    severity: "critical",
    lowLabel: "9 d",
    middleLabel: "14 d",
    highLabel: "21 d",
    endLabel: "40 d",
  },
  whyTitle: "Why 62 %",
  parts: [
    { label: "All gearboxes like this one", value: 4.1 },
    { label: "Vibration trend, +0.42 mm/s a day", value: 26.8 },
    { label: "Energy at the bearing's own frequency", value: 16.2 },
    { label: "Oil temperature against load", value: 8.7 },
    { label: "Months since bearing change, 31", value: 6.1 },
    { label: "Alarms in the last 30 days, 4", value: 4.0 },
    { label: "Greased 11 days ago", value: -3.9 },
  ],
  total: 62,
  totalLabel: "Chance within 14 days",
  unit: "%",
  whyNote: "Each part says how much this signal moves the chance away from that of all gearboxes.",
  isRule: false,
  missing: "",
  advice: [
    "Look at the output bearing.",
    "Planned repair €2,150 against €18,400 if it fails running.",
    "Would bring it back: vibration below 4.2 mm/s for 3 days after the repair.",
  ],
  signals: ["Output bearing vibration", "Bearing envelope", "Oil temperature"].map((title, i) => ({
    title,
    sub: "7.4 mm/s, was 2.1",
    chart: mini(`signal-${i}`, title),
  })),
  saw: [
    { label: "Sensors used", value: "6 of 6, newest 2 s old" },
    { label: "Gap in the data", value: "21 to 23 Oct, 2 d 16 h" },
    { label: "Trust", value: "step 4 of 5, fleet model" },
  ],
  history: mini("moved-chart", "Chance of failure within 14 days"),
  model: {
    link: { href: "/models/12", text: "gearbox v12" },
    sentence: "Misses 1 failure in 9; 0.03 false alarms per asset-month.",
  },
  workHref: "/work/new?prediction=9",
};

function card(
  number: string,
  title: string,
  tag: string,
  name: string,
  foot: readonly string[],
  late = false,
) {
  return {
    id: number,
    number: `WO-${number}`,
    title,
    asset: asset(tag, name),
    severity: foot[0]?.includes("prediction") ? ("critical" as const) : undefined,
    foot,
    late,
  };
}

const work: WorkProps = {
  shell,
  opening: "2 are asked for, 1 is late. Predictions only propose; people decide.",
  view: "board",
  lanes: [
    {
      status: "requested",
      count: 2,
      cards: [
        card("1187", "Inspect output bearing", "GB-210", "Conveyor 2 gearbox", [
          "from prediction 62 %",
        ]),
        card("1189", "Rattle at guard", "CV-114", "belt", ["by Jan Kowalski"]),
      ],
    },
    {
      status: "planned",
      count: 1,
      cards: [
        card("1180", "Check seal flush", "P-101A", "Feed pump A", ["Thu 26 Nov 06:00"], true),
      ],
    },
    {
      status: "in-progress",
      count: 1,
      cards: [
        card("1184", "Motor runs hot", "CT-512", "Cooling tower fan 2", ["you, since 10:05"]),
      ],
    },
    { status: "done", count: 0, cards: [] },
  ],
  learned: [
    { origin: "Prediction", closed: "12", failures: "9", nothing: "3" },
    { origin: "Alarm", closed: "21", failures: "11", nothing: "10" },
  ],
  learnedNote: "Every closed order is a label.",
  mayWrite: true,
};

const priorities = [
  { value: "normal", label: "Normal" },
  { value: "high", label: "High" },
];

const close = {
  shell,
  id: "1184",
  version: 3,
  number: "WO-1184",
  title: "Motor runs hot",
  asset: asset("CT-512", "Cooling tower fan 2"),
  modes: ["Bearing", "Winding", "Cooling blocked", "Supply", "Alignment"].map((label) => ({
    value: label,
    label,
  })),
  typeName: "fan motors",
  form: emptyForm,
  currency: "EUR",
};

export const workSamples: readonly Sample[] = [
  [
    "predictions",
    PredictionsPage({
      shell,
      opening: "Two assets are likely to fail within 14 days",
      sub: "24 assets were scored at 14:00; look at these first.",
      horizon: "14 d",
      rows: [
        {
          id: "9",
          asset: gearbox,
          health: health(34),
          chance: "62 %",
          timeLeft: "9 to 21 d",
          cost: "€18,400",
          risk: "€11.4k",
          reason: "vibration and envelope rise together",
          trust: "step 4 of 5, fleet model",
        },
        {
          id: "10",
          asset: asset("K-302", "Screw compressor 2"),
          health: health(52),
          chance: "41 %",
          timeLeft: "4 to 30 d",
          cost: "€9,500",
          risk: "€3.9k",
          reason: "discharge is warming",
          trust: "step 4 of 5, fleet model",
        },
        {
          id: "11",
          asset: asset("CH-401", "Chiller 1"),
          health: health(undefined),
          chance: undefined,
          timeLeft: undefined,
          cost: undefined,
          risk: undefined,
          reason: "no data for 48 min",
          trust: "step 1 of 5, type limits",
        },
      ],
      paging: { nextHref: undefined, countText: "3 of 24." },
    }),
  ],
  ["prediction", PredictionPage(prediction)],
  ["work", WorkPage(work)],
  ["work-list", WorkPage({ ...work, view: "list", learned: [] })],
  [
    "work-order",
    WorkOrderPage({
      shell,
      id: "1187",
      version: 2,
      number: "WO-1187",
      title: "Inspect output bearing",
      description: "Measure at the housing with the belt empty.\nCheck the oil for metal.",
      status: "planned",
      statusText: "Planned",
      late: true,
      asset: gearbox,
      facts: [
        { label: "Planned", value: "Thu 26 Nov 06:00" },
        { label: "Who", value: "mechanics" },
        { label: "Priority", value: "High" },
      ],
      cause: { href: "/predictions/9", text: "prediction, 62 % within 14 days" },
      moves: ["in-progress", "cancelled"],
      form: {
        values: {
          title: "Inspect output bearing",
          description: "",
          priority: "high",
          assignee: "mechanics",
          planned_at: "2026-11-26T06:00",
        },
        errors: {},
      },
      priorities,
      closeOut: undefined,
      timeline: [
        {
          at: at(3 * HOUR),
          mark: { kind: "icon", icon: "work" },
          title: "Planned",
          detail: "by Anna Nowak",
        },
        {
          at: at(5 * HOUR),
          mark: { kind: "icon", icon: "note" },
          title: "Asked for",
          detail: "from a prediction",
        },
      ],
      mayWrite: true,
    }),
  ],
  [
    "work-new",
    WorkNewPage({
      shell,
      form: {
        values: { asset_id: "gb-210", alert_id: "41" },
        errors: {
          title: "Say what is to be done.",
          planned_at: "Write a date and time, such as 26.11.2026 06:00.",
        },
      },
      assets: [{ value: "gb-210", label: "GB-210 Conveyor 2 gearbox" }],
      priorities,
      cause: "From the alarm Output bearing vibration.",
    }),
  ],
  ["work-close", WorkClosePage({ ...close, finding: undefined })],
  ["work-close-2", WorkClosePage({ ...close, finding: "failure" })],
];
