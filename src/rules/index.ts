export { RuleFold, type RuleMemory } from "./rule-fold.ts";
export { type AlertState, step } from "./transition.ts";
