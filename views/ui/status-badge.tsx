import type { Severity } from "../../src/domain/rule.ts";
import { t } from "../texts/index.ts";
import type { AssetState, SeverityMark, StateMark } from "./model.ts";
import { SeverityGlyph } from "./severity.tsx";

const SEVERITY_OF: Readonly<Partial<Record<AssetState, Severity>>> = {
  emergency: "emergency",
  critical: "critical",
  warning: "warning",
};

/** The shapes of the five states that are not severities. */
function Shape(props: { state: AssetState }) {
  switch (props.state) {
    case "blind":
      return (
        <>
          <circle cx="9" cy="9" r="7" stroke-width="1.7" stroke-dasharray="2.8 2.2" />
          <text x="9" y="12.9" text-anchor="middle" font-size="11">
            ?
          </text>
        </>
      );
    case "watch":
      return (
        <>
          <circle cx="9" cy="9" r="6.5" stroke-width="1.5" />
          <path class="solid" d="M9 2.5a6.5 6.5 0 0 1 0 13z" />
        </>
      );
    case "maintenance":
      return (
        <>
          <rect x="1.5" y="1.5" width="15" height="15" rx="3" stroke-width="1.5" />
          <path
            class="solid"
            d="M13.6 6.3 12 7.6l-1.5-.2-.3-1.5 1.3-1.7a2.8 2.8 0 0 0-3.2 3.6l-3.6 3.6 1.8 1.8 3.6-3.6a2.8 2.8 0 0 0 3.5-3.3z"
          />
        </>
      );
    case "stopped":
      return (
        <>
          <rect x="2" y="2" width="14" height="14" rx="2" stroke-width="1.5" />
          <path class="solid" d="M6 6h6v6H6z" />
        </>
      );
    default:
      return <circle cx="9" cy="9" r="6.5" stroke-width="1.5" />;
  }
}

/** The state in words; a severity that somebody took says so. */
export function stateText(mark: StateMark): string {
  const word = t.state[mark.state];
  const isSeverity = SEVERITY_OF[mark.state] !== undefined;
  return mark.acknowledged && isSeverity ? t.severity.acknowledged(word) : word;
}

/** The glyph of a state; `decorative` when its words stand beside it. */
export function StateGlyph(props: StateMark & { decorative?: boolean; off?: boolean }) {
  const severity = SEVERITY_OF[props.state];
  if (severity !== undefined) {
    const mark: SeverityMark = {
      severity,
      acknowledged: props.acknowledged === true,
      off: props.off === true,
    };
    return <SeverityGlyph {...mark} decorative={props.decorative === true} />;
  }
  const hidden = props.decorative ? ("true" as const) : undefined;
  const label = stateText(props);
  return (
    <svg
      class={`st ${props.state}`}
      viewBox="0 0 18 18"
      role={hidden ? undefined : "img"}
      aria-hidden={hidden}
      aria-label={hidden ? undefined : label}
    >
      <Shape state={props.state} />
    </svg>
  );
}

/** Glyph and word together. */
export function StatusBadge(props: StateMark) {
  return (
    <span class="badge">
      <StateGlyph {...props} decorative />
      {stateText(props)}
    </span>
  );
}
