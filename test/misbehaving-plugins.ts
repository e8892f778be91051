import { existsSync, writeFileSync, writeSync } from "node:fs";
import { type Batch, defineInput, type InputPlugin, Type } from "../src/plugin-sdk/index.ts";

const config = Type.Object({
  batches: Type.Integer({ default: 10, description: "How many batches there are." }),
  at: Type.Integer({ default: 5, description: "At which batch it goes wrong." }),
  /** A file that exists once it has gone wrong, so that it does so only once. */
  once: Type.Optional(Type.String()),
});

async function* count(
  batches: number,
  checkpoint: string | undefined,
  before: (n: number) => void,
) {
  for (let n = Number(checkpoint ?? 0); n < batches; n++) {
    before(n);
    const reading = { measurement: "m", tags: { asset: "a" }, field: "f", value: n, atUs: n };
    yield { readings: [reading], rows: 1, checkpoint: String(n + 1) } satisfies Batch;
  }
}

function misbehave(id: string, act: () => void): InputPlugin {
  return defineInput({
    id,
    title: id,
    config,
    read: (settings, context) =>
      count(settings.batches, context.checkpoint, (n) => {
        if (n !== settings.at) return;
        if (settings.once !== undefined && !firstTime(settings.once)) return;
        act();
      }),
  });
}

function firstTime(path: string): boolean {
  if (existsSync(path)) return false;
  writeFileSync(path, "");
  return true;
}

/** Yields one batch, then hears nothing, not even that it is to stop. */
const hangs = defineInput({
  id: "hangs",
  title: "hangs",
  config,
  async *read() {
    yield* count(1, undefined, () => {});
    await new Promise(() => {});
  },
});

/** Each does one bad thing at one batch. */
export const misbehaving: readonly InputPlugin[] = [
  hangs,
  misbehave("dies", () => process.kill(process.pid, "SIGKILL")),
  misbehave("exits", () => process.exit(3)),
  misbehave("throws", () => {
    throw new Error("the source hung up");
  }),
  misbehave("prints", () => void writeSync(1, "hello\n")),
  misbehave("chatters", () => {
    for (let i = 0; i < 10_000; i++) writeSync(2, `line ${i}\n`);
  }),
  // Claims a part of 4 GiB, then one that never comes.
  misbehave("lies", () => void writeSync(1, '{"type":"batch","parts":[4294967296,0]}\n')),
];
