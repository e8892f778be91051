import { expect, test } from "bun:test";
import { ActButton, AreaField, FormErrors, SelectField, TextField } from "./form.tsx";
import type { FormState } from "./model.ts";

const keys = { csrf: "c-1", formKey: "k-1" };
const labels = { name: "Name", zone: "Time zone" };
const clean: FormState = { values: { name: 'a"><script>' }, errors: {} };
const faulty: FormState = {
  values: { name: "x" },
  errors: { name: "Write a name.", zone: "Choose a zone." },
};

test("every act carries token, idempotency key and version", () => {
  const html = String(
    <ActButton action="/alarms/41/acknowledgement" keys={keys} name="ack-41" version={3}>
      Acknowledge
    </ActButton>,
  );
  expect(html).toContain('method="post"');
  expect(html).toContain('name="csrf" value="c-1"');
  expect(html).toContain('name="idempotency_key" value="k-1.ack-41"');
  expect(html).toContain('name="version" value="3"');
});

test("what was typed comes back escaped", () => {
  const html = String(<TextField form={clean} name="name" label="Name" />);
  expect(html).toContain("a&quot;&gt;&lt;script&gt;");
  expect(String(<AreaField form={clean} name="name" label="Name" />)).not.toContain("<script>");
});

test("an error is tied to its field, and the first one has the focus", () => {
  const html = String(<TextField form={faulty} name="name" label="Name" hint="As on the door." />);
  expect(html).toContain('aria-invalid="true"');
  expect(html).toContain('aria-describedby="f-name-hint f-name-error"');
  expect(html).toContain('id="f-name-error"');
  expect(html).toContain("autofocus");
  const zone = String(<SelectField form={faulty} name="zone" label="Time zone" options={[]} />);
  expect(zone).not.toContain("autofocus");
});

test("a password never comes back", () => {
  const form: FormState = { values: { password: "correct horse" }, errors: {} };
  const html = String(<TextField form={form} name="password" type="password" label="Password" />);
  expect(html).not.toContain("correct horse");
});

test.each([
  ["nothing wrong: nothing said", {}, ""],
  ["one fault stands at its field alone", { name: "Write a name." }, ""],
  ["two faults are summed up with links", faulty.errors, "2 fields need you"],
  ["a fault of the whole is said", { "": "Somebody changed it." }, "Somebody changed it."],
])("summary: %s", (_name, errors, text) => {
  const html = String(<FormErrors form={{ values: {}, errors }} labels={labels} />);
  if (text === "") expect(html).not.toContain("alert");
  else expect(html).toContain(text);
  if (text.startsWith("2")) expect(html).toContain('href="#f-zone"');
});
