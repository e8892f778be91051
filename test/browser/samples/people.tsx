import { AuditPage, UsersPage } from "../../../views/pages/admin.tsx";
import { ErrorPage } from "../../../views/pages/error.tsx";
import { LoadingPage } from "../../../views/pages/loading.tsx";
import { MePage } from "../../../views/pages/me.tsx";
import { SearchPage } from "../../../views/pages/search.tsx";
import { SetupPage } from "../../../views/pages/setup.tsx";
import { SignInPage } from "../../../views/pages/sign-in.tsx";
import { at, emptyForm, HOUR, MIN, plain, type Sample, shell } from "./shell.ts";

const roles = [
  { value: "viewer", label: "Viewer" },
  { value: "operator", label: "Operator" },
  { value: "analyst", label: "Analyst" },
  { value: "admin", label: "Admin" },
];

export const peopleSamples: readonly Sample[] = [
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
