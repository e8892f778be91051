import { Type } from "@sinclair/typebox";
import { QuarantinePage, type QuarantineProps } from "../../views/pages/quarantine.tsx";
import type { FixProps } from "../../views/pages/quarantine-rules.tsx";
import { paths, withQuery } from "../../views/paths.ts";
import { t } from "../../views/texts/index.ts";
import { mayUse } from "../domain/access.ts";
import { AppError } from "../domain/error.ts";
import {
  checkChoice,
  isReplayable,
  type QuarantineAccount,
  type QuarantineGroup,
  type QuarantineRow,
  type ReplayReport,
  readableLine,
} from "../domain/quarantine.ts";
import { type Route, type RouteContext, route } from "../domain/route.ts";
import { html, redirect } from "../lib/reply.ts";
import type { WebDeps } from "./deps.ts";
import { tabsOf } from "./ingest.tsx";
import { fixProps, type RuleForm, ruleOf, ruleText } from "./mapping-form.ts";
import { type Frame, frameOf } from "./shell.ts";

const write = { surface: "page", permission: "ingest:write", method: "POST" } as const;
const text = Type.Optional(Type.String({ maxLength: 1_000 }));
const count = Type.Optional(Type.String({ maxLength: 10, pattern: "^[0-9]+$" }));
const CHOICE = Type.Object({ source: text, reason: text, id: text });
type Context = RouteContext<unknown, unknown, unknown>;
const PAGE = 50;

/** What a person chose to see, and how the last act came out. */
type Look = {
  readonly source?: string;
  readonly reason?: string;
  readonly cursor?: string;
  readonly replayed?: string;
  readonly stayed?: string;
  readonly deleted?: string;
  readonly made?: string;
} & RuleForm;
type Choice = { readonly source?: string; readonly reason?: string; readonly id?: string };

/** Refused lines: seen by reason, replayed, deleted. */
export function quarantineRoutes(deps: WebDeps): Route[] {
  return [
    route({
      surface: "page",
      permission: "plant:read",
      method: "GET",
      path: paths.quarantine,
      summary: "Refused lines by reason.",
      query: Type.Object({
        ...{ source: text, reason: text, cursor: text },
        ...{ replayed: count, stayed: count, deleted: count, made: count },
        ...{ act: text, name: text, to: text, measurement: text },
      }),
      handle: async (context) =>
        html(await quarantineView(deps, context, context.query, undefined)),
    }),
    route({
      ...write,
      path: paths.quarantineReplays,
      summary: "Sends kept lines through the intake again.",
      body: CHOICE,
      handle: (context) =>
        act(deps, context, context.body, async (choice) => {
          const change = { idempotencyKey: context.idempotencyKey };
          const report = await deps.replayQuarantine(context.caller, choice, change);
          return { replayed: String(report.replayed), stayed: stayedOf(report) };
        }),
    }),
    route({
      ...write,
      path: paths.quarantineRemovals,
      summary: "Deletes kept lines.",
      body: CHOICE,
      handle: (context) =>
        act(deps, context, context.body, async (choice) => {
          const change = { idempotencyKey: context.idempotencyKey };
          const removed = await deps.stores.quarantine.remove(context.caller, choice, change);
          return { deleted: String(removed) };
        }),
    }),
  ];
}

async function act(
  deps: WebDeps,
  context: Context,
  form: Choice,
  doIt: (choice: { ids?: string[]; sourceId?: string; reason?: string }) => Promise<Look>,
): Promise<Response> {
  const choice = {
    ...(form.id ? { ids: [form.id] } : {}),
    ...(form.source ? { sourceId: form.source } : {}),
    ...(form.reason ? { reason: form.reason } : {}),
  };
  try {
    checkChoice(choice);
    const outcome = await doIt(choice);
    deps.live.changed(context.caller.tenantId, "quarantine");
    const stays = form.id === undefined ? undefined : form.reason;
    return redirect(
      withQuery(paths.quarantine, { source: form.source, reason: stays, ...outcome }),
    );
  } catch (error) {
    if (!(error instanceof AppError) || error.code === "internal") throw error;
    return html(await quarantineView(deps, context, form, error.message), 422);
  }
}

/** How many lines a replay left in quarantine. */
export function stayedOf(report: ReplayReport): string {
  return String(report.refused + report.notWhole);
}

/** The page as somebody chose to see it, with what went wrong. */
export async function quarantineView(
  deps: WebDeps,
  context: Context,
  look: Look,
  problem: string | undefined,
) {
  return QuarantinePage(await quarantineProps(deps, context, look, problem));
}

async function quarantineProps(
  deps: WebDeps,
  context: Context,
  look: Look,
  problem: string | undefined,
): Promise<QuarantineProps> {
  const frame = await frameOf(deps, context);
  const { format } = frame;
  const { caller } = context;
  const { quarantine } = deps.stores;
  const sourceId = look.source || undefined;
  const reason = look.reason || undefined;
  const mayWrite = mayUse("ingest:write", caller);
  const [groups, accounts, tabs, rules, lines] = await Promise.all([
    quarantine.groups(caller, { sourceId }),
    quarantine.accounts(caller),
    tabsOf(deps, caller),
    deps.stores.mappingRules.list(caller, { sourceId }),
    quarantine.list(caller, { sourceId, reason, limit: PAGE, after: look.cursor || undefined }),
  ]);
  const shown = accounts.filter((one) => sourceId === undefined || one.sourceId === sourceId);
  const kept = shown.reduce((sum, one) => sum + one.kept, 0);
  const notKept = shown.reduce((sum, one) => sum + one.notKept, 0);
  const chosen = groups.filter((group) => reason !== undefined && group.reason === reason);
  return {
    shell: frame.shell,
    tabs,
    opening: kept === 0 ? t.quarantine.none : t.quarantine.some(format.number(kept), kept),
    source: sourceId,
    sources: accounts.map((one) => ({ value: one.sourceId, label: one.sourceName })),
    accounts: shown.map((one) => accountRow(frame, one)),
    partNote:
      notKept === 0
        ? undefined
        : t.quarantine.part(format.number(notKept), format.number(kept + notKept)),
    groups: groups.map((group) => groupRow(frame, group, look)),
    chosen: chosen.length === 0 ? undefined : chosenOf(frame, chosen, reason ?? "", sourceId),
    lines: lines.items.map((line) => lineRow(frame, line)),
    paging: {
      nextHref: lines.next && withQuery(paths.quarantine, { ...look, cursor: lines.next }),
      countText: t.quarantine.lineCount(lines.items.length),
    },
    fix:
      mayWrite && chosen.length > 0 && sourceId !== undefined && reason !== undefined
        ? await fixOf(deps, context, { sourceId, reason }, look)
        : undefined,
    rules: rules.map((rule) => ({
      ...{ id: rule.id, version: rule.version, text: ruleText(rule) },
      ...{ source: rule.sourceName, madeBy: rule.createdBy },
    })),
    mayWrite,
    outcome: outcomeOf(look),
    problem,
  };
}

/** The form of a rule, and what the rule that is written in it would do. */
async function fixOf(
  deps: WebDeps,
  { caller }: Context,
  of: { readonly sourceId: string; readonly reason: string },
  look: Look,
): Promise<FixProps> {
  if (look.act === undefined) return fixProps(of, look, undefined);
  try {
    const rule = { ...ruleOf(of.sourceId, look), reason: of.reason };
    return fixProps(of, look, await deps.lineMapping.preview(caller, rule));
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "invalid") throw error;
    return fixProps(of, look, error.message);
  }
}

function outcomeOf({ replayed, stayed, deleted, made }: Look): string | undefined {
  if (made !== undefined) return t.mapping.made;
  if (deleted !== undefined) return t.quarantine.deleted(deleted);
  if (replayed === undefined) return undefined;
  const rest = stayed === undefined || stayed === "0" ? "" : ` ${t.quarantine.stayed(stayed)}`;
  return `${t.quarantine.replayed(replayed)}${rest}`;
}

function accountRow(
  { format }: Frame,
  one: QuarantineAccount,
): QuarantineProps["accounts"][number] {
  return {
    source: one.sourceName,
    href: withQuery(paths.quarantine, { source: one.sourceId }),
    refused: format.number(one.refused),
    kept: format.number(one.kept),
    notKept: format.number(one.notKept),
    deleted: format.number(one.removed),
    replayed: format.number(one.replayed),
  };
}

function groupRow(
  { format, nowUs }: Frame,
  group: QuarantineGroup,
  look: Look,
): QuarantineProps["groups"][number] {
  return {
    reason: group.reason,
    sample: readableLine(group.sample),
    count: format.number(group.count),
    source: group.sourceName,
    first: format.at(group.firstAtUs, nowUs),
    last: format.at(group.lastAtUs, nowUs),
    href: withQuery(paths.quarantine, { source: group.sourceId, reason: group.reason }),
    isChosen: group.reason === look.reason,
  };
}

function chosenOf(
  { format }: Frame,
  groups: readonly QuarantineGroup[],
  reason: string,
  sourceId: string | undefined,
): QuarantineProps["chosen"] {
  const lines = groups.reduce((sum, group) => sum + group.count, 0);
  const replayable = groups.reduce((sum, group) => sum + group.replayable, 0);
  return {
    reason,
    source: sourceId,
    count: format.number(lines),
    replayable: replayable === 0 ? undefined : format.number(replayable),
    notWhole: replayable === lines ? undefined : format.number(lines - replayable),
  };
}

function lineRow({ format, nowUs }: Frame, line: QuarantineRow): QuarantineProps["lines"][number] {
  return {
    id: line.id,
    at: format.at(line.receivedAtUs, nowUs),
    source: line.sourceName,
    lineNo: line.lineNo,
    column: line.column,
    line: readableLine(line.line),
    isWhole: isReplayable(line),
  };
}
