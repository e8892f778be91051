export type Tab = {
  readonly href: string;
  readonly label: string;
  readonly count?: number;
  readonly current: boolean;
};

/** Links that look like tabs; each is a page of its own. */
export function Tabs(props: { label: string; tabs: readonly Tab[] }) {
  return (
    <nav class="tabs" aria-label={props.label}>
      {props.tabs.map((tab) => (
        <a href={tab.href} aria-current={tab.current ? "page" : undefined}>
          {tab.label}
          {tab.count !== undefined && tab.count > 0 && <span class="n">{tab.count}</span>}
        </a>
      ))}
    </nav>
  );
}

/** A few choices of which one holds, as links. */
export function Segments(props: { label: string; tabs: readonly Tab[] }) {
  return (
    <nav class="seg" aria-label={props.label}>
      {props.tabs.map((tab) => (
        <a href={tab.href} aria-current={tab.current ? "true" : undefined}>
          {tab.label}
        </a>
      ))}
    </nav>
  );
}
