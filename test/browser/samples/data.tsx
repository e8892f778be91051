import type { JSX } from "hono/jsx/jsx-runtime";
import { AuditPage, UsersPage } from "../../../views/pages/admin.tsx";
import { ErrorPage } from "../../../views/pages/error.tsx";
import { InboxPage } from "../../../views/pages/inbox.tsx";
import { IngestPage } from "../../../views/pages/ingest.tsx";
import { JobsPage } from "../../../views/pages/jobs.tsx";
import { LoadingPage } from "../../../views/pages/loading.tsx";
import { MePage } from "../../../views/pages/me.tsx";
import { ModelPage } from "../../../views/pages/model.tsx";
import { ModelsPage } from "../../../views/pages/models.tsx";
import { QuarantinePage } from "../../../views/pages/quarantine.tsx";
import { SearchPage } from "../../../views/pages/search.tsx";
import { SetupPage } from "../../../views/pages/setup.tsx";
import { SignInPage } from "../../../views/pages/sign-in.tsx";
import { TokensPage } from "../../../views/pages/tokens.tsx";
import { UploadsPage } from "../../../views/pages/uploads.tsx";
import { proof } from "./plant.tsx";
import {
  ago,
  at,
  DAY,
  emptyForm,
  format,
  HOUR,
  MIN,
  mini,
  NOW_US,
  plain,
  shell,
  spark,
} from "./shell.ts";

type Sample = readonly [name: string, page: JSX.Element];

const tabs = { inbox: 12, quarantine: 130 };
const EXAMPLE =
  "curl -H 'Authorization: Token …' --data-binary 'vibration,asset=GB-210 rms=2.1' 'http://plant:8080/api/v2/write?precision=ns'";
const roles = [
  { value: "viewer", label: "Viewer" },
  { value: "operator", label: "Operator" },
  { value: "analyst", label: "Analyst" },
  { value: "admin", label: "Admin" },
];

export const dataSamples: readonly Sample[] = [
  [
    "loading",
    LoadingPage({
      shell: plain,
      phase: "Sending 180 days of history",
      phases: [
        { label: "Simulating 24 machines", state: "done" },
        { label: "Sending 180 days of history", state: "here" },
        { label: "Computing features", state: "next" },
        { label: "Training models", state: "next" },
        { label: "Scoring", state: "next" },
      ],
      percent: 42,
      counts: [
        { label: "Readings stored", value: "1,566,720 of 3,732,480" },
        { label: "Repairs recorded", value: "18" },
      ],
      failure: undefined,
      continueHref: "/",
    }),
  ],
  [
    "loading-failed",
    LoadingPage({
      shell: plain,
      phase: "",
      phases: [],
      percent: 0,
      counts: [],
      failure: "The data folder is full; free 2 GB and start again.",
      continueHref: undefined,
    }),
  ],
  [
    "setup",
    SetupPage({
      shell: plain,
      form: {
        values: {
          name: "Anna Nowak",
          email: "anna",
          site_name: "North works",
          zone: "Europe/Warsaw",
        },
        errors: {
          email: "Write an address, such as anna@example.com.",
          password: "Use at least 12 characters.",
        },
      },
      zones: [{ value: "Europe/Warsaw", label: "Europe/Warsaw" }],
      currencies: [{ value: "EUR", label: "Euro, €1,234.50" }],
      zoneHint: "Now 14:32 (CET). Days and shifts follow the plant's clock.",
    }),
  ],
  [
    "sign-in",
    SignInPage({
      shell: plain,
      form: {
        values: { email: "anna@example.com" },
        errors: { "": "This address and password do not fit together." },
      },
      tenants: [],
      next: "/",
      note: undefined,
    }),
  ],
  [
    "jobs",
    JobsPage({
      shell,
      opening: "Nothing is late. The next run is scoring at 15:00.",
      jobs: [
        {
          id: "features",
          name: "Features",
          what: "what each asset looked like, day by day",
          schedule: "every day at 02:00",
          next: format.dayClock(NOW_US + 12 * HOUR),
          last: { status: "succeeded", at: at(12 * HOUR), took: "14 s", usual: "13 s" },
          running: undefined,
        },
        {
          id: "train",
          name: "Training",
          what: "models of each asset type",
          schedule: "every Sunday at 02:30",
          next: format.dayClock(NOW_US + 6 * DAY),
          last: { status: "failed", at: at(2 * DAY), took: "2 min", usual: "3 min" },
          running: undefined,
        },
        {
          id: "score",
          name: "Scoring",
          what: "predictions and health",
          schedule: "every hour",
          next: format.dayClock(NOW_US + 28 * MIN),
          last: undefined,
          running: { percent: 40, step: "10 of 24 assets" },
        },
      ],
      runs: [
        {
          id: "1",
          job: "Features",
          status: "succeeded",
          at: at(12 * HOUR),
          took: "14 s",
          by: "by schedule",
          result: "24 assets, 1,344 rows",
        },
        {
          id: "2",
          job: "Training",
          status: "failed",
          at: at(2 * DAY),
          took: "2 min",
          by: "Anna Nowak",
          result: "gearbox: 2 failures are too few to train from; 3 are needed",
        },
      ],
      mayRun: true,
    }),
  ],
  [
    "models",
    ModelsPage({
      shell,
      opening: "Models find 11 of 12 faults with 9.5 days of notice",
      sub: "Trained Sun 22 Nov. Next training Sun 29 Nov 02:30.",
      models: [
        {
          id: "12",
          title: "gearbox, days left",
          sub: "gradient boosting, version 12",
          stage: "champion",
          error: "1.9 d",
          coverage: "81 %",
          failures: "9",
          trained: at(DAY),
        },
        {
          id: "11",
          title: "gearbox, days left",
          sub: "random forest, version 11",
          stage: "retired",
          error: "2.4 d",
          coverage: "79 %",
          failures: "8",
          trained: at(8 * DAY),
        },
      ],
      proof,
      missing: undefined,
      trainJobId: "train",
      mayRun: true,
    }),
  ],
  [
    "model",
    ModelPage({
      shell,
      id: "12",
      title: "Gearbox, days left",
      sub: "Trained on 11 gearboxes and 9 confirmed failures. Next training Sun 29 Nov 02:30.",
      stats: [
        { label: "Usual error", value: "1.9", unit: "days", why: "always saying the mean: 6.2" },
        { label: "Inside its range", value: "81", unit: "% of cases", why: "80 % is the aim" },
        { label: "Notice", value: "9.5", unit: "days, median", why: "shortest 3, longest 22" },
        {
          label: "Failures learnt from",
          value: "9",
          unit: "of 11 gearboxes",
          why: "15 are wanted",
        },
      ],
      candidates: [
        {
          name: "Gradient boosting",
          sub: "412 trees",
          role: "champion",
          error: "1.9 d",
          errorShare: 0.31,
          late: "0.8 d",
          chanceQuality: "0.06",
        },
        {
          name: "Random forest",
          sub: "200 trees",
          role: "challenger",
          error: "2.4 d",
          errorShare: 0.39,
          late: "1.2 d",
          chanceQuality: "0.07",
        },
        {
          name: "Always the mean",
          sub: "no learning",
          role: "yardstick",
          error: "6.2 d",
          errorShare: 1,
          late: "3.0 d",
          chanceQuality: "0.19",
        },
      ],
      candidatesSub: "same cut points, split by time and by asset",
      importance: [
        { name: "Output bearing vibration, slope over its life", percent: "34 %", share: 0.34 },
        { name: "Oil temperature against load", percent: "21 %", share: 0.21 },
        { name: "Hours since maintenance", percent: "9 %", share: 0.09 },
      ],
      tree: {
        kind: "split",
        signal: "vibration",
        feature: "vibration, slope over its life",
        threshold: 0.12,
        low: {
          kind: "split",
          signal: "oil",
          feature: "oil temperature against load",
          threshold: 6.4,
          low: { kind: "leaf", steps: 1400 },
          high: { kind: "leaf", steps: 640 },
        },
        high: { kind: "leaf", steps: 260 },
      },
      treeScale: 1 / 24,
      treeUnit: "d",
      treeNote: "A small tree that imitates the champion, for reading. It predicts nothing.",
      guards: [
        { ok: true, text: "No feature knows the future", sub: "each is computed as of its time" },
        { ok: false, text: "Only 9 failures; 15 are wanted", sub: "ranges are wide on purpose" },
      ],
      facts: [
        { label: "Data", value: "28 May to 22 Nov 2026" },
        { label: "Rows, features", value: "24,180 and 96" },
        { label: "Seed, hash", value: "7 · 5fd0c2a9" },
      ],
      proof,
      trainJobId: "train",
      mayRun: true,
    }),
  ],
  [
    "ingest",
    IngestPage({
      shell,
      tabs,
      opening:
        "7,250 readings a second, all stored before they are acknowledged. One source is silent, 130 lines wait in quarantine.",
      rate: mini("rate-chart", "Readings stored per second"),
      rateNote: "Waiting to be written: 0. Late readings today: 412.",
      sources: [
        {
          id: "3",
          name: "GW-3 cooling",
          kind: "line protocol",
          silent: true,
          sent: "4,968,120",
          stored: "4,968,120",
          storedTitle: "new 4,968,120",
          refused: "0",
          last: ago(48 * MIN),
        },
        {
          id: "1",
          name: "GW-1 mixing",
          kind: "line protocol",
          silent: false,
          sent: "31,104,960",
          stored: "31,104,960",
          storedTitle: "",
          refused: "0",
          last: ago(1e6),
        },
        {
          id: "2",
          name: "GW-2 packing",
          kind: "line protocol",
          silent: false,
          sent: "28,512,000",
          stored: "28,511,870",
          storedTitle: "",
          refused: "130",
          last: ago(2e6),
        },
      ],
      example: EXAMPLE,
    }),
  ],
  [
    "inbox",
    InboxPage({
      shell,
      tabs,
      opening: "12 series nobody has adopted; they are stored meanwhile.",
      rows: [
        {
          seriesNo: 901,
          series: "gb_211,loc=out vib_rms",
          sub: "8,412 rows since 12:10",
          spark: spark(1),
          assetKey: "GB-211",
          sensorName: "Output bearing vibration",
          why: "same name pattern as GB-210",
          unit: "mm/s",
          ticked: true,
        },
        {
          seriesNo: 902,
          series: "tmp_probe_7 v",
          sub: "12 rows since 14:29",
          spark: [],
          assetKey: "",
          sensorName: "v",
          why: "",
          unit: "",
          ticked: false,
        },
      ],
      assets: [{ value: "GB-211", label: "Conveyor 2 tail gearbox" }],
      paging: { nextHref: "/ingest/inbox?cursor=2", countText: "2 of 12." },
      mayWrite: true,
      problem: "One series could not be adopted: the sensor name v is taken on TMP-7.",
    }),
  ],
  [
    "quarantine",
    QuarantinePage({
      shell,
      tabs,
      opening: "130 lines are kept with their reasons. None is lost.",
      groups: [
        {
          reason: "the timestamp is 1 h ahead of the server",
          sample: "vib,asset=p118 rms=2.31 1763908921000000000",
          count: "96",
          source: "GW-2",
          last: ago(31 * MIN),
          href: "/ingest/quarantine?reason=x",
        },
        {
          reason: "<script>alert(1)</script> is not a field value",
          sample: 'oil,asset=gb210 t="<img src=x>"',
          count: "34",
          source: "GW-2",
          last: ago(2 * HOUR),
          href: "/ingest/quarantine?reason=y",
        },
      ],
      lines: [
        {
          id: "1",
          at: at(31 * MIN),
          source: "GW-2",
          lineNo: 14,
          column: 27,
          line: "vib,asset=p118 rms=2.31 1763908921000000000",
          reason: "the timestamp is 1 h ahead of the server",
        },
      ],
      chosen: "The timestamp is 1 h ahead of the server",
      paging: { nextHref: undefined, countText: "1 of 96." },
    }),
  ],
  [
    "uploads",
    UploadsPage({
      shell,
      tabs,
      form: emptyForm,
      kinds: [
        {
          value: "assets",
          label: "Assets",
          columns: "key, name, type, parent, criticality",
          example: "key,name,type\nGB-210,Conveyor 2 gearbox,gearbox",
        },
        {
          value: "readings",
          label: "Readings",
          columns: "asset, sensor, time, value",
          example: "asset,sensor,time,value\nGB-210,vibration,2026-11-23T13:00:00Z,7.4",
        },
      ],
      uploads: [
        {
          id: "1",
          name: "repairs-2020-2026.csv",
          kind: "Maintenance records",
          status: "done",
          result: "1,204 rows in, 3 refused",
          at: at(HOUR),
          by: "Anna Nowak",
          errors: [
            {
              lineNo: 88,
              reason: "the date 31.02.2024 does not exist",
              line: "GB-210,31.02.2024,bearing",
            },
          ],
          moreErrors: 2,
          failure: undefined,
        },
        {
          id: "2",
          name: "assets.csv",
          kind: "Assets",
          status: "failed",
          result: "nothing was taken",
          at: at(2 * HOUR),
          by: "Anna Nowak",
          errors: [],
          moreErrors: 0,
          failure: "The column key is missing; the first line has: name, type.",
        },
      ],
      mayWrite: true,
      limit: "Up to 200 MB; CSV, also gzipped.",
    }),
  ],
  [
    "tokens",
    TokensPage({
      shell,
      tabs,
      form: emptyForm,
      scopes: [{ value: "write", label: "send readings" }],
      tokens: [
        {
          id: "1",
          version: 1,
          name: "GW-1",
          scope: "send readings",
          made: at(90 * DAY),
          lastUsed: ago(1e6),
          revoked: undefined,
        },
        {
          id: "2",
          version: 1,
          name: "old gateway",
          scope: "send readings",
          made: at(200 * DAY),
          lastUsed: undefined,
          revoked: at(5 * DAY),
        },
      ],
      fresh: { name: "GW-3", token: "fst_4q8hZr0b2mYx1nK7cVw9", example: EXAMPLE },
      mayWrite: true,
    }),
  ],
  [
    "users",
    UsersPage({
      shell,
      opening: "3 people; 1 of them is an administrator.",
      users: [
        {
          id: "1",
          version: 1,
          name: "Anna Nowak",
          email: "anna@example.com",
          role: "admin",
          roleName: "Admin",
          disabled: false,
          lastSeen: at(MIN),
          isSelf: true,
        },
        {
          id: "2",
          version: 1,
          name: "Jan Kowalski",
          email: "jan@example.com",
          role: "operator",
          roleName: "Operator",
          disabled: false,
          lastSeen: at(3 * HOUR),
          isSelf: false,
        },
        {
          id: "3",
          version: 2,
          name: "Maximiliane von Hohenstein-Waldburg-Zeil",
          email: "m@example.com",
          role: "viewer",
          roleName: "Viewer",
          disabled: true,
          lastSeen: undefined,
          isSelf: false,
        },
      ],
      form: emptyForm,
      roles,
      rights: [
        { what: "See the plant", by: { viewer: true, operator: true, analyst: true, admin: true } },
        {
          what: "Acknowledge and close alarms",
          by: { operator: true, analyst: true, admin: true },
        },
        { what: "Write rules", by: { analyst: true, admin: true } },
        { what: "Manage users", by: { admin: true } },
      ],
    }),
  ],
  [
    "audit",
    AuditPage({
      shell,
      q: "",
      rows: [
        {
          id: "1",
          at: at(10 * MIN),
          who: "Jan Kowalski",
          what: "acknowledged alarm 41",
          before: "open",
          after: "acknowledged",
          from: "10.2.0.14",
        },
      ],
      paging: { nextHref: undefined, countText: "1 change." },
    }),
  ],
  [
    "me",
    MePage({
      shell,
      facts: [{ label: "Role", value: "Admin" }],
      form: { values: { keys: "on" }, errors: {} },
      links: [
        { href: "/predictions", text: "Predictions" },
        { href: "/rules", text: "Rules" },
      ],
    }),
  ],
  [
    "search",
    SearchPage({
      shell,
      q: "gb-2",
      groups: [
        {
          name: "Assets",
          hits: [{ href: "/assets/gb-210", text: "GB-210", sub: "Conveyor 2 gearbox" }],
        },
      ],
    }),
  ],
  [
    "error",
    ErrorPage({
      shell,
      plain,
      status: 409,
      message: "alarm 41 was changed by Jan Kowalski; look at it again",
      fields: [],
      backHref: "/alarms/41",
    }),
  ],
  [
    "error-plain",
    ErrorPage({
      shell: undefined,
      plain,
      status: 500,
      message: "internal error 4f2a; the log has the details under this number",
      fields: [],
      backHref: "/",
    }),
  ],
];
