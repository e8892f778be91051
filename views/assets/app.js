// The pages' own script: freshness, the event stream, keys, focus. Everything works without it.

(() => {
  const byId = (id) => document.getElementById(id);
  const DEAD_MS = 15_000;

  // ---- Freshness: ages come from the server's clock plus the time passed here, never the PC's clock.
  const clock = {
    serverMs: 0,
    at: performance.now(),
    newestMs: undefined,
    heardAt: performance.now(),
  };
  const serverNow = () => clock.serverMs + performance.now() - clock.at;

  function readFresh() {
    const fresh = byId("fresh");
    if (!fresh) return;
    clock.serverMs = Number(fresh.dataset.server);
    clock.at = performance.now();
    const newest = Number(fresh.dataset.newest ?? Number.NaN);
    if (Number.isFinite(newest)) clock.newestMs = newest;
  }

  function ageText(ms) {
    const s = Math.max(0, Math.round(ms / 1000));
    if (s < 90) return `${s} s`;
    if (s < 5400) return `${Math.round(s / 60)} min`;
    return s < 172_800 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86_400)} d`;
  }

  const fill = (text, ...parts) => parts.reduce((out, part) => out.replace("#", part), text);

  function showFresh() {
    const fresh = byId("fresh");
    if (fresh?.dataset.live !== "on") return;
    const { dataset } = fresh;
    const silentMs = performance.now() - clock.heardAt;
    const dead = silentMs > DEAD_MS;
    const ageMs = clock.newestMs === undefined ? undefined : serverNow() - clock.newestMs;
    const expectedMs = Number(dataset.expected);
    const slow = ageMs !== undefined && ageMs > 2 * expectedMs;
    let text = dataset.textNone;
    if (dead) text = fill(dataset.textDead, stampText(silentMs));
    else if (slow) text = fill(dataset.textSlow, ageText(ageMs), ageText(expectedMs));
    else if (ageMs !== undefined) text = fill(dataset.textLive, ageText(ageMs));
    if (fresh.textContent !== text) fresh.textContent = text;
    fresh.classList.toggle("dead", dead);
    fresh.classList.toggle("late", slow && !dead);
    byId("main").toggleAttribute("data-stale", dead);
  }

  /** The plant's clock at the last sign of life, from the zone the server named. */
  function stampText(silentMs) {
    const zone = byId("fresh").dataset.zone || undefined;
    return new Date(serverNow() - silentMs).toLocaleTimeString(document.documentElement.lang, {
      timeZone: zone,
      hour12: false,
    });
  }

  // ---- The event stream: one per visible tab; closed while hidden, refreshed on return and after a break.
  let source;
  function watch(url) {
    source = new EventSource(url);
    let opened = false;
    source.addEventListener("open", () => {
      clock.heardAt = performance.now();
      if (opened) refresh();
      opened = true;
    });
    source.addEventListener("tick", (event) => {
      clock.heardAt = performance.now();
      try {
        const tick = JSON.parse(event.data);
        clock.serverMs = tick.serverMs;
        clock.at = performance.now();
        if (typeof tick.newestMs === "number") clock.newestMs = tick.newestMs;
      } catch {
        // A tick that cannot be read still is a sign of life; the age goes on from the last one.
      }
      showFresh();
    });
    return source;
  }

  function refresh() {
    const live = byId("live");
    if (live && window.htmx) htmx.trigger(live, "refresh");
  }

  document.addEventListener("visibilitychange", () => {
    const live = byId("live");
    if (!live || !window.htmx) return;
    if (document.hidden) {
      source?.close();
      return;
    }
    if (source?.readyState !== EventSource.CLOSED) return;
    const again = live.cloneNode(true);
    live.replaceWith(again);
    htmx.process(again);
    refresh();
  });
  addEventListener("pagehide", () => source?.close());

  // ---- Never under the finger: a region with the pointer, focus or an open menu in it waits its turn.
  let waiting = false;
  function busy(region) {
    if (region.contains(document.activeElement) && document.activeElement !== region) {
      const { tagName } = document.activeElement;
      if (/^(INPUT|SELECT|TEXTAREA|BUTTON|A)$/.test(tagName)) return true;
    }
    if (region.matches("[data-still]:hover")) return true;
    return region.querySelector("details[open], :checked:not(option)") !== null;
  }
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const region = event.detail.target;
    if (region?.id && busy(region)) {
      event.detail.shouldSwap = false;
      waiting = true;
    }
  });
  document.addEventListener("htmx:oobAfterSwap", () => {
    readFresh();
    showFresh();
  });
  document.addEventListener("htmx:oobErrorNoTarget", (event) => event.stopPropagation());
  setInterval(() => {
    if (waiting && !document.hidden) {
      waiting = false;
      refresh();
    }
  }, 10_000);

  // ---- The address may change without a new page (filters): what is fetched again follows it.
  let address;
  document.addEventListener("htmx:pushedIntoHistory", (event) => {
    address = event.detail.path;
  });
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt.id === "live" && address !== undefined) event.detail.path = address;
  });

  // ---- Feedback of acts: busy at once, "sending" after 1 s, "no answer" after 8 s.
  const buttonOf = (event) =>
    event.detail?.requestConfig?.triggeringEvent?.submitter ??
    event.detail?.elt?.querySelector?.("button[type=submit]");
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.id === "live") return;
    buttonOf(event)?.setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    buttonOf(event)?.removeAttribute("aria-busy");
    if (event.detail.elt.id === "live") return;
    clock.heardAt = performance.now();
    if (event.detail.failed) say(byId("toasts").dataset.failed);
  });
  document.addEventListener("submit", (event) => {
    event.submitter?.setAttribute("aria-busy", "true");
  });

  function say(text) {
    const toasts = byId("toasts");
    if (!toasts || !text) return;
    const toast = document.createElement("div");
    toast.className = "toast";
    toast.textContent = text;
    toasts.replaceChildren(toast);
    leave(toast);
  }

  function leave(toast) {
    setTimeout(() => {
      if (toast.matches(":hover, :focus-within")) leave(toast);
      else toast.remove();
    }, 10_000);
  }

  // ---- Keys: g and a letter go to a page, j k move along rows, Enter opens, a acknowledges.
  const GO = { n: "/", a: "/assets", l: "/alarms", p: "/predictions", w: "/work" };
  let goes = false;
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const here = () => document.querySelector("[data-row][data-at]");

  function move(step) {
    const all = rows();
    if (all.length === 0) return;
    const at = all.indexOf(here());
    const next = all[Math.min(all.length - 1, Math.max(0, at + step))] ?? all[0];
    here()?.removeAttribute("data-at");
    next.setAttribute("data-at", "");
    next.querySelector("a")?.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }

  function key(event) {
    if ((event.ctrlKey || event.metaKey) && event.key === "k") {
      const find = byId("find");
      if (!find) return;
      event.preventDefault();
      find.focus();
      find.select();
      return;
    }
    if (event.key === "Escape") {
      for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input, select, textarea, [contenteditable]")) return;
    if (byId("main")?.dataset.keys !== "on") return;
    if (goes && GO[event.key]) location.assign(GO[event.key]);
    goes = event.key === "g";
    if (event.key === "j") move(1);
    if (event.key === "k") move(-1);
    const row = here();
    if (event.key === "x") row?.querySelector("input[type=checkbox]")?.click();
    if (event.key === "a") (row ?? byId("detail"))?.querySelector("form.act button")?.click();
    if (event.key === "?") location.assign("/me");
  }
  document.addEventListener("keydown", key);
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]"))
      if (!menu.contains(event.target)) menu.open = false;
  });

  // ---- Focus: after an act in a list, the next row that still wants one; a detail gets its heading.
  document.addEventListener("htmx:afterSwap", (event) => {
    const { target } = event.detail;
    if (target?.id === "detail") byId("detail-h")?.focus();
    if (target?.matches?.("tr[data-row]")) {
      const next = document.querySelector("tr[data-row] form.act button");
      next?.focus();
    }
    charts();
  });

  // ---- Charts: the library is fetched after the first paint, where a chart is.
  let asked = false;
  function charts() {
    const url = document.querySelector("meta[name=uplot]")?.content;
    const wanting = "[data-chart]:not([data-taken]), [data-lines]:not([data-taken])";
    if (!url || !document.querySelector(wanting)) return;
    if (window.foresightCharts) return window.foresightCharts();
    if (asked) return;
    asked = true;
    const script = document.createElement("script");
    script.src = url;
    script.addEventListener("load", () => window.foresightCharts());
    document.head.append(script);
  }

  document.addEventListener("htmx:historyRestore", charts);

  // ---- Loading: what has been done so far is fetched again in place; any other page is opened whole.
  async function load() {
    const loading = byId("loading");
    if (!loading) return;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = page.getElementById("loading");
      if (!next) location.reload();
      else loading.replaceChildren(...next.childNodes);
    } catch {
      // The server may be starting; what is shown stays, and the next round asks again.
    }
    setTimeout(load, 2_000);
  }
  setTimeout(load, 2_000);

  // ---- Alpine: only how many rows are ticked.
  document.addEventListener("alpine:init", () => {
    Alpine.data("bulk", () => ({
      label: "",
      init() {
        this.count();
      },
      count() {
        const said = this.$root.querySelector("[data-some]");
        if (!said) return;
        const count = this.$root.querySelectorAll("tbody input[type=checkbox]:checked").length;
        this.label = count === 0 ? said.dataset.none : fill(said.dataset.some, String(count));
      },
    }));
  });

  // ---- Start. Scripts are deferred in the order htmx, sse, this, Alpine; htmx begins after them.
  if (window.htmx) htmx.createEventSource = watch;
  readFresh();
  document.addEventListener("DOMContentLoaded", () => {
    showFresh();
    setInterval(showFresh, 1_000);
    for (const toast of document.querySelectorAll("[data-toast]")) leave(toast);
    (window.requestIdleCallback ?? setTimeout)(charts);
  });
})();
