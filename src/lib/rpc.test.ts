import { expect, test } from "bun:test";
import { buffersOf, createRpcClient, type RpcFailure, serveRpc } from "./rpc.ts";

class CodedError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const api = {
  double: async (value: number) => value * 2,
  fill: async (count: number) => ({ rows: new Float64Array(count).fill(7) }),
  refuse: async () => {
    throw new CodedError("too-large", "too many");
  },
  never: () => new Promise<void>(() => {}),
};

function connected(maxPending = 10) {
  const { port1, port2 } = new MessageChannel();
  serveRpc(port1, api);
  const client = createRpcClient<typeof api>({
    port: port2,
    methods: ["double", "fill", "refuse", "never"],
    maxPending,
    errorOf: (failure: RpcFailure) => new CodedError(failure.code ?? "internal", failure.message),
  });
  port1.start();
  port2.start();
  const close = () => {
    port1.close();
    port2.close();
  };
  return { client, close };
}

test("calls run at the same time and each gets its own answer", async () => {
  const { client, close } = connected();
  expect(await Promise.all([1, 2, 3].map((value) => client.api.double(value)))).toEqual([2, 4, 6]);
  expect((await client.api.fill(3)).rows).toEqual(new Float64Array([7, 7, 7]));
  close();
});

test("an error keeps its message and code", async () => {
  const { client, close } = connected();
  await expect(client.api.refuse()).rejects.toMatchObject({
    code: "too-large",
    message: "too many",
  });
  close();
});

test("one call more than the bound is refused, and a dead thread fails those that wait", async () => {
  const { client, close } = connected(1);
  const waiting = client.api.never();
  await expect(client.api.double(1)).rejects.toMatchObject({ code: "unavailable" });
  client.fail({ message: "the worker ended", code: "unavailable", details: undefined });
  await expect(waiting).rejects.toThrow("the worker ended");
  await expect(client.api.double(1)).rejects.toThrow("the worker ended");
  close();
});

test("buffers are found once, shared memory not at all", () => {
  const buffer = new ArrayBuffer(8);
  const shared = new Float64Array(new SharedArrayBuffer(8));
  const found = buffersOf([
    { a: new Uint8Array(buffer), b: [new Float64Array(buffer)], shared },
    1,
  ]);
  expect(found).toEqual([buffer]);
});
