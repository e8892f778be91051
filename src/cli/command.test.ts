import { describe, expect, test } from "bun:test";
import { helpCommand } from "./about.ts";
import { type Command, portOf, readArguments, type Terminal, textOf, usageOf } from "./command.ts";

const command: Command = {
  name: "brew",
  sentence: "Brews coffee.",
  rest: "CUP...",
  options: {
    beans: { value: "NAME", sentence: "Which beans.", required: true },
    port: { value: "PORT", sentence: "Where." },
    strong: { sentence: "Twice as much." },
  },
  run: async () => 0,
};
const { rest: _rest, ...withoutRest } = command;
const bare: Command = { ...withoutRest, options: {} };

describe("arguments", () => {
  test("options, switches and the rest are told apart", () => {
    const args = readArguments(command, ["--beans", "arabica", "one", "--strong", "two"]);
    expect(textOf(args, "beans")).toBe("arabica");
    expect(textOf(args, "port")).toBe("");
    expect(args.values.strong).toBe(true);
    expect(args.rest).toEqual(["one", "two"]);
  });

  test.each([
    [command, [], "--beans is missing"],
    [command, ["--beans"], "beans"],
    [command, ["--beans", "x", "--sugar"], "sugar"],
    [command, ["--beans", "x", "--strong=very"], "strong"],
    [bare, ["extra"], "extra"],
  ])("%# are refused with the name and where to look", (of, argv, why) => {
    expect(() => readArguments(of, argv)).toThrow(why);
    expect(() => readArguments(of, argv)).toThrow("foresight help brew");
  });

  test.each([
    [[], 8080],
    [["--port", "0"], 0],
    [["--port", "65535"], 65535],
  ])("%j is port %i", (argv, port) => {
    expect(portOf(readArguments(command, ["--beans", "x", ...argv]), 8080)).toBe(port);
  });

  test.each(["65536", "-1", "80.5", "http"])("--port=%s is refused", (raw) => {
    const args = readArguments(command, ["--beans", "x", `--port=${raw}`]);
    expect(() => portOf(args, 8080)).toThrow("not a port");
  });
});

test("usage shows what must be given and what may", () => {
  const usage = usageOf(command);
  expect(usage).toContain("foresight brew CUP... --beans NAME [--port PORT] [--strong]");
  expect(usage).toContain("Twice as much.");
});

describe("help", () => {
  const lines: string[] = [];
  const terminal: Terminal = {
    out: (line) => void lines.push(line),
    say: () => {},
    readStdin: async () => "",
    env: {},
    cwd: "/",
  };
  const help = helpCommand(() => [command, { ...bare, name: "inside", internal: true }]);

  test("lists what people may run", async () => {
    expect(await help.run({ values: {}, rest: [] }, terminal)).toBe(0);
    expect(lines.join("\n")).toContain("brew  Brews coffee.");
    expect(lines.join("\n")).not.toContain("inside");
  });

  test.each(["tea", "inside"])("knows no %s", async (name) => {
    await expect(help.run({ values: {}, rest: [name] }, terminal)).rejects.toThrow(
      `no command ${name}`,
    );
  });
});
