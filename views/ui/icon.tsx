const PATHS = {
  now: "M1.5 8.5h3L6.8 3l3 10 2-4.5h2.7",
  assets:
    "M8 6v4M3 12v-2h10v2M6 2h4v4H6zM1.5 12h3v2.5h-3zM11.5 12h3v2.5h-3zM6.5 12h3v2.5h-3zM8 10v2",
  alarms: "M3 11.5h10L11.8 10V7a3.8 3.8 0 0 0-7.6 0v3zM6.5 14h3",
  predictions: "M2 12l4-4.2 3 2.4L14 4M10.4 4H14v3.6",
  work: "M13.8 4.4 11.6 6.6 9.4 6.4 9.2 4.4 11.4 2.2A3.6 3.6 0 0 0 7 6.8L2.4 11.4a1.55 1.55 0 0 0 2.2 2.2L9.2 9a3.6 3.6 0 0 0 4.6-4.6z",
  explore: "M2 2v12h12M4.5 10.5l2.6-4 2.6 2.6L13.5 4",
  rules:
    "M2 4.5h6M12 4.5h2M2 11.5h2M8 11.5h6M8.4 4.5a1.8 1.8 0 1 0 3.6 0 1.8 1.8 0 1 0-3.6 0M4.2 11.5a1.8 1.8 0 1 0 3.6 0 1.8 1.8 0 1 0-3.6 0",
  models: "M8 2l6 3-6 3-6-3zM2 8l6 3 6-3M2 11l6 3 6-3",
  ingest: "M8 2v6M5.4 5.6 8 8.2l2.6-2.6M2 9.5h3l1.3 2.3h3.4L11 9.5h3V14H2z",
  jobs: "M2 8a6 6 0 1 0 12 0A6 6 0 1 0 2 8M8 4.6V8l2.4 1.6",
  admin:
    "M5.3 5.2a2.7 2.7 0 1 0 5.4 0 2.7 2.7 0 1 0-5.4 0M2.6 14c.5-3 2.7-4.4 5.4-4.4s4.9 1.4 5.4 4.4",
  find: "M2.5 7a4.5 4.5 0 1 0 9 0 4.5 4.5 0 1 0-9 0M10.4 10.4 14 14",
  theme: "M13.4 9.6A5.9 5.9 0 0 1 6.4 2.6a5.9 5.9 0 1 0 7 7z",
  plus: "M8 3v10M3 8h10",
  close: "M4 4l8 8M12 4l-8 8",
  more: "M3 8h.01M8 8h.01M13 8h.01",
  check: "M3 8.5 6.4 12 13 4.5",
  down: "M4 6l4 4 4-4",
  next: "M6 4l4 4-4 4",
  note: "M3 2.5h10v8l-3 3H3zM10 13.5v-3h3",
  prediction: "M2 12l4-4.2 3 2.4L14 4M10.4 4H14v3.6",
  rule: "M2 4.5h6M12 4.5h2M2 11.5h2M8 11.5h6",
  model: "M8 2l6 3-6 3-6-3zM2 8l6 3 6-3",
  undo: "M5 4 2.5 6.5 5 9M3 6.5h6.5a3.5 3.5 0 0 1 0 7H6",
} as const;

export type IconName = keyof typeof PATHS;

/** A line drawing beside words; never alone. */
export function Icon(props: { name: IconName }) {
  return (
    <svg class="ic" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[props.name]} />
    </svg>
  );
}

/** The mark of the product: a trace and what comes after it. */
export function Logo() {
  return (
    <svg class="logo" width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
      <rect x="1" y="1" width="18" height="18" rx="4.5" />
      <path d="M4 12.5c2.5 0 2.5-5 5-5s2.4 5 4.6 5" />
      <path class="ahead" d="M13.6 12.5H17" />
    </svg>
  );
}
