import { paths } from "./paths.ts";
import { type Shell, THEMES } from "./shell.ts";
import { t } from "./texts/index.ts";
import { Keys } from "./ui/form.tsx";
import { Icon, Logo } from "./ui/icon.tsx";
import { Time } from "./ui/time.tsx";

/** Site, freshness, plant clock, find, theme, account. */
export function TopBar(props: { shell: Shell; live: boolean }) {
  const { shell } = props;
  return (
    <header class="bar">
      <a class="brand phone-only" href={paths.now} aria-label={t.shell.home}>
        <Logo />
      </a>
      <span class="site" title={shell.tenantName}>
        {shell.siteName}
      </span>
      <span class="grow" />
      <Fresh shell={shell} live={props.live} />
      <span class="muted sm desk nw" id="clock">
        <Time at={shell.clock} />
      </span>
      <search class="desk">
        <form class="search" method="get" action={paths.search}>
          <Icon name="find" />
          <input
            type="search"
            name="q"
            id="find"
            aria-label={t.shell.find}
            placeholder={t.shell.find}
            maxlength={120}
          />
          <kbd>Ctrl K</kbd>
        </form>
      </search>
      <ThemeMenu shell={shell} />
      <Account shell={shell} />
    </header>
  );
}

/**
 * Without scripts it says that the page does not update itself; app.js writes what is true. Ages come
 * from the server's clock.
 */
function Fresh(props: { shell: Shell; live: boolean }) {
  const { fresh } = props.shell;
  return (
    <span
      class="fresh"
      id="fresh"
      role="status"
      data-live={props.live ? "on" : undefined}
      data-server={fresh.serverMs}
      data-newest={fresh.newestMs}
      data-expected={fresh.expectedMs}
      data-zone={fresh.zone}
      data-text-live={t.fresh.live}
      data-text-slow={t.fresh.slow}
      data-text-none={t.fresh.none}
      data-text-dead={t.fresh.dead}
    >
      {t.fresh.noScript}
    </span>
  );
}

/** Each theme is a button of a form that sets the cookie and comes back. */
function ThemeMenu(props: { shell: Shell }) {
  return (
    <details class="menu desk">
      <summary class="btn quiet icon" aria-label={t.shell.theme}>
        <Icon name="theme" />
      </summary>
      <form method="post" action={paths.theme} class="pop">
        <Keys keys={props.shell} name="theme" />
        <input type="hidden" name="next" value={props.shell.here} />
        {THEMES.map((theme) => (
          <button
            type="submit"
            name="theme"
            value={theme}
            aria-pressed={theme === props.shell.theme ? "true" : "false"}
          >
            {t.shell.themes[theme]}
          </button>
        ))}
      </form>
    </details>
  );
}

function Account(props: { shell: Shell }) {
  const { user } = props.shell;
  return (
    <details class="menu">
      <summary class="btn quiet icon" aria-label={t.shell.account(user.name, t.roles[user.role])}>
        <Icon name="admin" />
      </summary>
      <div class="pop">
        <p class="who">
          <b>{user.name}</b>
          <span class="sub">
            {t.roles[user.role]}, {props.shell.tenantName}
          </span>
        </p>
        <a href={paths.me}>{t.shell.me}</a>
        <form method="post" action={paths.signOut}>
          <Keys keys={props.shell} name="sign-out" />
          <button type="submit">{t.shell.signOut}</button>
        </form>
      </div>
    </details>
  );
}
