import type { Severity } from "../../src/domain/rule.ts";
import { t } from "../texts/index.ts";
import type { SeverityMark } from "./model.ts";

const SHAPE: Readonly<Record<Severity, { short: string; path: string; y: number; size: number }>> =
  {
    emergency: {
      short: "e",
      path: "M6.2 1h7.6L19 6.2v7.6L13.8 19H6.2L1 13.8V6.2Z",
      y: 14,
      size: 11,
    },
    critical: { short: "c", path: "M10 .8 19.2 10 10 19.2 .8 10Z", y: 14, size: 11 },
    warning: { short: "w", path: "M10 1.6 19 17.8H1Z", y: 16, size: 9.5 },
    info: { short: "i", path: "M1 10a9 9 0 1 1 18 0 9 9 0 1 1-18 0Z", y: 14, size: 11 },
  };

/** The letter that names a severity in class names: e, c, w, i. */
export function severityLetter(severity: Severity): string {
  return SHAPE[severity].short;
}

/** "Critical, acknowledged": the glyph in words. */
export function severityText(mark: SeverityMark): string {
  const word = t.severity[mark.severity];
  return mark.acknowledged ? t.severity.acknowledged(word) : word;
}

/** Shape, letter and colour. Filled = nobody acknowledged, hollow = acknowledged, grey = counts nothing. */
export function SeverityGlyph(props: SeverityMark & { decorative?: boolean }) {
  const shape = SHAPE[props.severity];
  const hollow = props.acknowledged === true && props.off !== true;
  const names = ["sev", shape.short, hollow ? "ack" : "", props.off ? "off" : ""];
  const hidden = props.decorative ? ("true" as const) : undefined;
  const label = severityText(props);
  return (
    <svg
      class={names.filter((name) => name !== "").join(" ")}
      viewBox="0 0 20 20"
      role={hidden ? undefined : "img"}
      aria-hidden={hidden}
      aria-label={hidden ? undefined : label}
    >
      <path d={shape.path} />
      <text x="10" y={shape.y} text-anchor="middle" font-size={shape.size}>
        {shape.short.toUpperCase()}
      </text>
    </svg>
  );
}
