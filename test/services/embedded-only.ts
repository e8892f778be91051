import type { Found } from "./needs.ts";
import { IS_ON_QUESTDB } from "./series-place.ts";

/** Tests of the embedded store itself, and why QuestDB has no such thing. */
const EMBEDDED_ONLY = {
  "copy to QuestDB": "it names both stores itself",
  "copied data folder": "a copied data folder has no readings in QuestDB",
  sealing: "days are sealed into files by the embedded store alone",
} as const;

/** A need of tests that are skipped when the suites run on QuestDB. */
export function embeddedOnly(what: keyof typeof EMBEDDED_ONLY): Found<true> {
  return IS_ON_QUESTDB
    ? { ok: false, why: `not on QuestDB: ${EMBEDDED_ONLY[what]}`, isMeant: true }
    : { ok: true, value: true };
}
