import { expect, test } from "bun:test";
import { join } from "node:path";

const able = process.platform === "linux" && Bun.which("prlimit") && Bun.which("bash");

test.skipIf(!able)(
  "what does not fit on the disk waits, and is stored whole once there is room",
  async () => {
    // A file that may not grow fails like a full disk; the signal that comes with it is ignored.
    const script = join(import.meta.dir, "testdata", "full-disk.ts");
    const child = Bun.spawn(
      ["bash", "-c", `trap "" XFSZ; exec "$0" "$1"`, process.execPath, script],
      { stdout: "pipe", stderr: "inherit" },
    );
    const got = JSON.parse(await new Response(child.stdout).text());
    expect(got).toEqual({
      refusal: expect.stringContaining("cannot store readings"),
      failure: expect.stringContaining("File too large"),
      whileFull: 50_000,
      readings: 300_000,
    });
  },
  60_000,
);
