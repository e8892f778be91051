import { QuarantinePage } from "../../../views/pages/quarantine.tsx";
import { ago, at, DAY, HOUR, MIN, type Sample, shell } from "./shell.ts";

const tabs = { inbox: 12, quarantine: 130 };

export const quarantineSample: Sample = [
  "quarantine",
  QuarantinePage({
    shell,
    tabs,
    opening: "130 refused lines are kept",
    source: undefined,
    sources: [
      { value: "2", label: "GW-2" },
      { value: "3", label: "GW-3" },
    ],
    accounts: [
      {
        source: "GW-2",
        href: "/ingest/quarantine?source=2",
        ...{ refused: "412", kept: "130", notKept: "270", deleted: "12", replayed: "8" },
      },
    ],
    partNote: "Only a part is kept: 270 of 400 refused lines are counted alone.",
    groups: [
      {
        reason: "field rms is numeric, the line has state",
        sample: 'vib,asset=p118 rms="2.31" 1763908921000000000',
        count: "96",
        source: "GW-2",
        first: ago(3 * DAY),
        last: ago(31 * MIN),
        href: "/ingest/quarantine?reason=x",
        isChosen: true,
      },
      {
        reason: "<script>alert(1)</script> is not a field value",
        sample: 'oil,asset=gb210 t="<img src=x>"',
        count: "34",
        source: "GW-2",
        first: ago(2 * HOUR),
        last: ago(2 * HOUR),
        href: "/ingest/quarantine?reason=y",
        isChosen: false,
      },
    ],
    lines: [
      {
        id: "1",
        at: at(31 * MIN),
        source: "GW-2",
        lineNo: 14,
        column: 27,
        line: 'vib,asset=p118 rms="2.31" 1763908921000000000',
        isWhole: true,
      },
      {
        id: "2",
        at: at(35 * MIN),
        source: "GW-2",
        lineNo: 3,
        column: 1,
        line: "vib,asset=p118 notes=…",
        isWhole: false,
      },
    ],
    chosen: {
      reason: "field rms is numeric, the line has state",
      ...{ source: "2", count: "96", replayable: "95", notWhole: "1" },
    },
    fix: {
      source: "2",
      reason: "field rms is numeric, the line has state",
      here: "/ingest/quarantine",
      acts: [
        {
          group: "Kind of a field",
          options: [{ value: "convert:numeric", label: "Read as a number the field" }],
        },
      ],
      form: {
        values: { act: "convert:numeric", name: "rms", to: "", measurement: "" },
        errors: {},
      },
      preview: {
        note: "95 of 96 kept lines would become readings. 1 would stay refused.",
        samples: [
          {
            line: 'vib,asset=p118 rms="2.31" 1763908921000000000',
            becomes: "vib,asset=p118 rms=2.31 2025-11-23T14:42:01.000Z",
          },
          {
            line: 'vib,asset=p118 rms="off" 1763908921000000000',
            becomes: "refused: field rms: a rule makes it numeric, and off is none",
          },
        ],
      },
    },
    rules: [
      {
        ...{ id: "1", version: 1, text: "Ignore the field note (only of vib)" },
        ...{ source: "GW-2", madeBy: "Ana" },
      },
    ],
    mayWrite: true,
    outcome: "8 lines became readings. 1 line stays.",
    problem: undefined,
    paging: { nextHref: undefined, countText: "1 of 96." },
  }),
];
