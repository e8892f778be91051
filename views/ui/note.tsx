import type { Child } from "hono/jsx";

const KIND = { info: "", warning: "w", critical: "c", emergency: "e" } as const;

/** A fact about the page as a whole; an alert role where it reports what just failed. */
export function Note(props: {
  level?: keyof typeof KIND;
  urgent?: boolean;
  id?: string;
  children?: Child;
}) {
  return (
    <div
      class={`note ${KIND[props.level ?? "info"]}`.trimEnd()}
      id={props.id}
      role={props.urgent ? "alert" : undefined}
    >
      {props.children}
    </div>
  );
}
