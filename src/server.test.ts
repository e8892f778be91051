import { afterEach, expect, test } from "bun:test";
import { startServer, type WebServer } from "./server.ts";

const running: WebServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

function listen(host: string, port: number, handle: (request: Request) => Promise<Response>) {
  const server = startServer({
    ...{ host, port, handle, maxRequestBytes: 1_000, idleS: 1 },
    mayTakeLong: ({ url }) => url.endsWith("/long"),
  });
  running.push(server);
  return server;
}

test("what answers can be exchanged, and says where a request came from", async () => {
  const server = listen("127.0.0.1", 0, async () => new Response("opening"));
  expect(await (await fetch(server.url)).text()).toBe("opening");
  server.use(async (request) => new Response(server.from(request)));
  expect(await (await fetch(server.url)).text()).toBe("127.0.0.1");
  expect(server.from(new Request(server.url))).toBe("");
});

test("a port that is taken is named", () => {
  const { port } = listen("127.0.0.1", 0, async () => new Response());
  expect(() => listen("127.0.0.1", port, async () => new Response())).toThrow(
    `port ${port} is taken`,
  );
});

test("an address that is not this machine's is named", () => {
  expect(() => listen("192.0.2.1", 0, async () => new Response())).toThrow(
    "192.0.2.1:0 may not be used here",
  );
});

test.each([
  ["127.0.0.1", "http://127.0.0.1:", "127.0.0.1"],
  ["0.0.0.0", "http://localhost:", "127.0.0.1"],
  ["localhost", "http://localhost:", "localhost"],
])("on %s people are shown %s and commands use %s", (host, url, ownHost) => {
  const server = listen(host, 0, async () => new Response());
  expect(server.url).toBe(`${url}${server.port}`);
  expect(server.ownHost).toBe(ownHost);
});

test("only an answer that may take long is waited for longer than a connection may be silent", async () => {
  const { promise: go, resolve } = Promise.withResolvers<void>();
  const server = listen("127.0.0.1", 0, async () => {
    await go;
    return new Response("done");
  });
  const long = fetch(`${server.url}/long`).then((response) => response.text());
  await expect(fetch(`${server.url}/short`)).rejects.toThrow();
  resolve();
  expect(await long).toBe("done");
});

test("a body beyond the bound never reaches a route", async () => {
  const server = listen("127.0.0.1", 0, async (request) => new Response(await request.text()));
  const answer = await fetch(server.url, { method: "POST", body: "x".repeat(2_000) });
  expect(answer.status).toBe(413);
});
