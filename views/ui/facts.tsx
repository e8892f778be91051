import type { Fact } from "./model.ts";

/** Labels and values, one a line. */
export function Facts(props: { facts: readonly Fact[] }) {
  return (
    <dl class="kv">
      {props.facts.map((fact) => (
        <>
          <dt>{fact.label}</dt>
          <dd>
            {typeof fact.value === "string" ? (
              fact.value
            ) : (
              <a href={fact.value.href}>{fact.value.text}</a>
            )}
          </dd>
        </>
      ))}
    </dl>
  );
}
