// Sends rows with QuestDB's own client on Node, as its users run it: it signs with a key whose public
// part it invents, which other runtimes refuse. Arguments: the client's configuration, field, rows, first ms.
import { Sender } from "@questdb/nodejs-client";

const [config, field, rows, startMs] = process.argv.slice(2);
const sender = await Sender.fromConfig(config);
await sender.connect();
for (let i = 0; i < Number(rows); i++)
  await sender
    .table("mixer")
    .symbol("asset", "Q \\ mixer")
    .floatColumn(field, i + 0.5)
    .at(BigInt(Number(startMs) + i * 1000), "ms");
await sender.flush();
await sender.close();
