import { testWith } from "../services/needs.ts";
import { soakLimitMs } from "../services/soak.ts";
import { binary } from "../system/harness.ts";
import { killRounds } from "./kill-rounds.ts";

testWith(binary)(
  "random kills under random loads lose and double nothing",
  () => killRounds(),
  soakLimitMs("kills", 30_000),
);
