import type { Transition, TransitionReason } from "../domain/alert.ts";
import type { ControlFrame } from "../domain/log-frame.ts";
import type { CompiledRule } from "../domain/rule.ts";
import { type AlertState, factsOf, MUTED, OK, step } from "./transition.ts";

/** A series' newest reading, where the fold keeps it. */
export type LastReading = (seriesNo: number) => { readonly atUs: number; readonly value: number };

/** One rule on one series. */
type Watch = { rule: CompiledRule; readonly seriesNo: number; state: AlertState };

/** All that the rules remember, as plain values. */
export type RuleMemory = {
  readonly rules: readonly CompiledRule[];
  readonly states: readonly {
    readonly ruleId: string;
    readonly seriesNo: number;
    readonly state: AlertState;
  }[];
};

/** Threshold rules as a fold over the log: readings and control frames in, transitions out. */
export class RuleFold {
  /** 1 for a series that some rule watches; so that others cost one look. */
  watched = new Uint8Array(1024);
  private readonly rules = new Map<string, CompiledRule>();
  private readonly bySeries: (Watch[] | undefined)[] = [];
  private transitions: Transition[] = [];
  private readonly lastOf: LastReading;
  private sequence = 0;
  private index = 0;

  constructor(lastOf: LastReading) {
    this.lastOf = lastOf;
  }

  /** Transitions from here on belong to this frame of the log. */
  begin(sequence: number): void {
    this.sequence = sequence;
    this.index = 0;
  }

  /** A reading newer than all of its series before. */
  onReading(seriesNo: number, atUs: number, value: number): void {
    for (const watch of this.bySeries[seriesNo] ?? []) {
      const { rule, state } = watch;
      const isQuiet =
        state === OK && !(rule.op === "above" ? value > rule.threshold : value < rule.threshold);
      if (isQuiet) continue;
      const { next, event } = step(state, factsOf(rule, value), atUs, rule.holdUs);
      watch.state = next;
      if (event === "opened" && next.kind === "firing")
        this.emit(watch, "opened", "condition", atUs, next.sinceUs, value);
      else if (event === "cleared" && state.kind === "firing")
        this.emit(watch, "closed", "cleared", atUs, state.firedAtUs, value);
    }
  }

  onControl(frame: ControlFrame): void {
    switch (frame.kind) {
      case "rule":
        this.setRule(frame.rule);
        return;
      case "rule-removed":
        this.removeRule(frame.ruleId, frame.atUs);
        return;
      case "alert-closed":
        this.closeByPerson(frame.ruleId, frame.seriesNo, frame.atUs);
        return;
      case "alerts-adopted":
        for (const { ruleId, seriesNo, sinceUs } of frame.open) {
          const watch = this.find(ruleId, seriesNo);
          if (watch) watch.state = { kind: "firing", sinceUs, firedAtUs: sinceUs };
        }
        return;
      case "zone":
        return;
    }
  }

  takeTransitions(): Transition[] {
    const taken = this.transitions;
    this.transitions = [];
    return taken;
  }

  get hasTransitions(): boolean {
    return this.transitions.length > 0;
  }

  save(): RuleMemory {
    const states: { ruleId: string; seriesNo: number; state: AlertState }[] = [];
    for (const watches of this.bySeries)
      for (const { rule, seriesNo, state } of watches ?? [])
        if (state.kind !== "ok") states.push({ ruleId: rule.ruleId, seriesNo, state });
    return { rules: [...this.rules.values()], states };
  }

  load(memory: RuleMemory): void {
    for (const rule of memory.rules) this.setRule(rule);
    for (const { ruleId, seriesNo, state } of memory.states) {
      const watch = this.find(ruleId, seriesNo);
      if (watch) watch.state = state;
    }
  }

  private setRule(rule: CompiledRule): void {
    const before = this.rules.get(rule.ruleId);
    if (before !== undefined && before.version > rule.version) return;
    const known = new Set(before?.seriesNos);
    this.rules.set(rule.ruleId, rule);
    const wanted = new Set(rule.seriesNos);
    for (const seriesNo of known) {
      const watch = this.find(rule.ruleId, seriesNo);
      // The same version says nothing new of a series that it goes on watching.
      if (before?.version === rule.version && wanted.has(seriesNo)) continue;
      if (watch !== undefined) this.change(watch, rule, wanted.has(seriesNo));
    }
    for (const seriesNo of wanted) if (!known.has(seriesNo)) this.watch(rule, seriesNo);
  }

  /** The new version keeps an alert only when the newest value breaches it. */
  private change(watch: Watch, rule: CompiledRule, isWatched: boolean): void {
    const { state, seriesNo } = watch;
    const { atUs, value } = this.lastOf(seriesNo);
    const isHeld = isWatched && factsOf(rule, value).isBreached;
    if (state.kind === "firing" && !isHeld)
      this.emit(
        watch,
        "closed",
        "rule changed",
        Math.max(atUs, state.firedAtUs),
        state.firedAtUs,
        value,
      );
    watch.rule = rule;
    watch.state = state.kind === "firing" && isHeld ? state : OK;
    if (!isWatched) this.unwatch(watch);
  }

  private removeRule(ruleId: string, atUs: number): void {
    const rule = this.rules.get(ruleId);
    if (rule === undefined) return;
    this.rules.delete(ruleId);
    for (const seriesNo of rule.seriesNos) {
      const watch = this.find(ruleId, seriesNo);
      if (watch === undefined) continue;
      this.closeIfFiring(watch, "rule removed", atUs);
      this.unwatch(watch);
    }
  }

  private closeByPerson(ruleId: string, seriesNo: number, atUs: number): void {
    const watch = this.find(ruleId, seriesNo);
    if (watch === undefined) return;
    const { value } = this.lastOf(seriesNo);
    // Also what is not firing here: whoever asked has an open alert, and waits for this.
    const sinceUs = watch.state.kind === "firing" ? watch.state.firedAtUs : atUs;
    this.emit(watch, "closed", "closed by a person", atUs, sinceUs, value);
    watch.state = factsOf(watch.rule, value).isBreached ? MUTED : OK;
  }

  private closeIfFiring(watch: Watch, reason: TransitionReason, atUs: number): void {
    if (watch.state.kind !== "firing") return;
    const { value } = this.lastOf(watch.seriesNo);
    this.emit(watch, "closed", reason, atUs, watch.state.firedAtUs, value);
  }

  private emit(
    { rule, seriesNo }: Watch,
    kind: Transition["kind"],
    reason: TransitionReason,
    atUs: number,
    sinceUs: number,
    value: number,
  ): void {
    this.transitions.push({
      sequence: this.sequence,
      index: this.index++,
      tenantNo: rule.tenantNo,
      ruleId: rule.ruleId,
      ruleVersion: rule.version,
      seriesNo,
      severity: rule.severity,
      kind,
      reason,
      atUs,
      sinceUs,
      value,
      threshold: rule.threshold,
    });
  }

  private find(ruleId: string, seriesNo: number): Watch | undefined {
    return this.bySeries[seriesNo]?.find(({ rule }) => rule.ruleId === ruleId);
  }

  private watch(rule: CompiledRule, seriesNo: number): void {
    if (seriesNo >= this.watched.length) {
      const wider = new Uint8Array(Math.max(seriesNo + 1, this.watched.length * 2));
      wider.set(this.watched);
      this.watched = wider;
    }
    this.watched[seriesNo] = 1;
    // Filled up, so that it stays a plain array without holes.
    while (this.bySeries.length <= seriesNo) this.bySeries.push(undefined);
    const watches = this.bySeries[seriesNo];
    const watch: Watch = { rule, seriesNo, state: OK };
    if (watches) watches.push(watch);
    else this.bySeries[seriesNo] = [watch];
  }

  private unwatch(watch: Watch): void {
    const rest = (this.bySeries[watch.seriesNo] ?? []).filter((other) => other !== watch);
    if (rest.length > 0) this.bySeries[watch.seriesNo] = rest;
    else {
      this.bySeries[watch.seriesNo] = undefined;
      this.watched[watch.seriesNo] = 0;
    }
  }
}
