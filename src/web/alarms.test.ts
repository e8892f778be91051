import { expect, test } from "bun:test";
import { eventText } from "./alarms.tsx";

test.each([
  [{ kind: "opened", by: "", text: "condition" }, "opened"],
  [{ kind: "acknowledged", by: "Anna", text: "looks at it" }, "acknowledged by Anna: looks at it"],
  [{ kind: "close-requested", by: "Anna", text: "" }, "close asked for by Anna"],
  [{ kind: "closed", by: "", text: "closed by a person" }, "closed: closed by a person"],
  [{ kind: "closed", by: "", text: "cleared" }, "closed: cleared"],
] as const)("history of an alarm: %j", (event, text) => {
  expect(eventText(event)).toBe(text);
});
