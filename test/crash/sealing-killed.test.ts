import { embeddedOnly } from "../services/embedded-only.ts";
import { testWith } from "../services/needs.ts";
import { binary } from "../system/harness.ts";
import { runSealing } from "./sealing-killed.ts";

testWith(binary, embeddedOnly("sealing"))(
  "kills while days are sealed, merged and dropped lose and double nothing and leave no file behind",
  () => runSealing(7, 5, 8),
  120_000,
);
