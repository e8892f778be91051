import { embeddedOnly } from "../services/embedded-only.ts";
import { testWith } from "../services/needs.ts";
import { soakCount, soakEnd, soakLimitMs, soakSeed } from "../services/soak.ts";
import { binary } from "../system/harness.ts";
import { runSealing } from "./sealing-killed.ts";

const KILLS_PER_ROUND = 10;

testWith(binary, embeddedOnly("sealing"))(
  "random kills while days are sealed, merged and dropped",
  async () => {
    const most = soakCount("kills") ?? Number.POSITIVE_INFINITY;
    const isOver = soakEnd("kills");
    let kills = 0;
    for (let seed = soakSeed(); kills === 0 || !isOver(kills); seed++) {
      const now = Math.min(KILLS_PER_ROUND, most - kills);
      await runSealing(seed, now, 15 + (seed % 20));
      kills += now;
    }
    process.stdout.write(`${kills} kills while sealing from seed ${soakSeed()}\n`);
  },
  soakLimitMs("kills", 30_000),
);
