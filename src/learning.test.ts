import { expect, test } from "bun:test";
import { createLearning } from "./learning.ts";

test("a training is told how many workers it may have", async () => {
  const posted: unknown[] = [];
  const learning = createLearning(
    () => ({
      postMessage: (message: unknown) => void posted.push(message),
      terminate: () => {},
      onmessage: null,
      onerror: null,
    }),
    5,
  );
  const cancel = new AbortController();
  const training = learning.train(
    [],
    { seed: 1, capSteps: 10, horizonSteps: 5 },
    { signal: cancel.signal, onProgress: () => {} },
  );
  cancel.abort();
  await expect(training).rejects.toThrow("cancelled");
  expect(posted).toMatchObject([{ kind: "train", workers: 5 }]);
});
