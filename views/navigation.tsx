import type { Permission } from "../src/domain/access.ts";
import { paths } from "./paths.ts";
import { allows, type Section, type Shell } from "./shell.ts";
import { t } from "./texts/index.ts";
import { Icon, type IconName, Logo } from "./ui/icon.tsx";
import { SeverityGlyph } from "./ui/severity.tsx";

type Entry = {
  readonly section: Exclude<Section, "me" | "none">;
  readonly icon: IconName;
  readonly href: string;
  readonly needs: Permission;
};

const GROUPS: readonly {
  readonly title: keyof typeof t.nav.groups | "";
  readonly entries: readonly Entry[];
}[] = [
  {
    title: "",
    entries: [
      { section: "now", icon: "now", href: paths.now, needs: "plant:read" },
      { section: "assets", icon: "assets", href: paths.assets, needs: "plant:read" },
      { section: "alarms", icon: "alarms", href: paths.alarms, needs: "plant:read" },
      { section: "predictions", icon: "predictions", href: paths.predictions, needs: "plant:read" },
      { section: "work", icon: "work", href: paths.work, needs: "plant:read" },
    ],
  },
  {
    title: "engineering",
    entries: [
      { section: "explore", icon: "explore", href: paths.explore, needs: "plant:read" },
      { section: "rules", icon: "rules", href: paths.rules, needs: "plant:read" },
      { section: "models", icon: "models", href: paths.models, needs: "plant:read" },
    ],
  },
  {
    title: "data",
    entries: [
      { section: "ingest", icon: "ingest", href: paths.ingest, needs: "plant:read" },
      { section: "jobs", icon: "jobs", href: paths.jobs, needs: "plant:read" },
    ],
  },
  {
    title: "system",
    entries: [{ section: "admin", icon: "admin", href: paths.users, needs: "admin" }],
  },
];

/** Things to act on beside a name; nothing when there are none. */
export function NavCount(props: { shell: Shell; section: Section }) {
  const { counts } = props.shell;
  const id = `count-${props.section}`;
  if (props.section === "alarms") {
    const marks = (["emergency", "critical", "warning"] as const).filter((s) => counts[s] > 0);
    return (
      <span class="count hot" id={id}>
        {marks.map((severity) => (
          <>
            <SeverityGlyph severity={severity} />
            {counts[severity]}
          </>
        ))}
      </span>
    );
  }
  const numbers: Partial<Record<Section, number>> = {
    now: counts.now,
    assets: counts.assets,
    predictions: counts.predictions,
    work: counts.work,
    ingest: counts.newSensors,
  };
  const count = numbers[props.section] ?? 0;
  return (
    <span class="count" id={id}>
      {count > 0 && (props.section === "ingest" ? t.nav.newSensors(count) : count)}
    </span>
  );
}

/** The navigation of a desk. */
export function SideNav(props: { shell: Shell; section: Section }) {
  return (
    <nav class="side" aria-label={t.nav.label}>
      <a class="brand" href={paths.now}>
        <Logo />
        {t.product}
      </a>
      {GROUPS.map((group) => {
        const entries = group.entries.filter((entry) => allows(props.shell, entry.needs));
        return (
          entries.length > 0 && (
            <>
              {group.title !== "" && <h2>{t.nav.groups[group.title]}</h2>}
              {entries.map((entry) => (
                <a
                  class="nav"
                  href={entry.href}
                  aria-current={entry.section === props.section ? "page" : undefined}
                >
                  <Icon name={entry.icon} />
                  {t.nav[entry.section]}
                  <NavCount shell={props.shell} section={entry.section} />
                </a>
              ))}
            </>
          )
        );
      })}
      <p class="foot">
        {props.shell.footLine}
        <br />
        {t.shell.local}
      </p>
    </nav>
  );
}

/** Five tabs for one thumb. */
export function TabBar(props: { shell: Shell; section: Section }) {
  const { counts } = props.shell;
  const worst = (["emergency", "critical", "warning"] as const).find((s) => counts[s] > 0);
  const tabs = [
    { section: "now", href: paths.now },
    { section: "alarms", href: paths.alarms },
    { section: "assets", href: paths.assets },
    { section: "work", href: paths.work },
  ] as const;
  const isMore = !tabs.some((tab) => tab.section === props.section);
  return (
    <nav class="tabbar" aria-label={t.nav.phoneLabel}>
      {tabs.map((tab) => (
        <a href={tab.href} aria-current={tab.section === props.section ? "page" : undefined}>
          <Icon name={tab.section} />
          {t.nav[tab.section]}
          {tab.section === "alarms" && worst !== undefined && (
            <span class="dot">
              <SeverityGlyph severity={worst} />
            </span>
          )}
        </a>
      ))}
      <a href={paths.me} aria-current={isMore ? "page" : undefined}>
        <Icon name="more" />
        {t.nav.more}
      </a>
    </nav>
  );
}
