// The explorer: several lines on one axis of time, zoom by dragging, values under the pointer, keys.

{
  const drawStills = window.foresightCharts;
  const color = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const DASHES = { 1: [], 2: [7, 3], 3: [2, 3], 4: [9, 3, 2, 3] };
  const HEIGHT_LEAST = 120;

  const { lang } = document.documentElement;
  const locale = lang === "en" ? "en-GB" : lang;
  const timeFormat = (zone, options) =>
    new Intl.DateTimeFormat(locale, { timeZone: zone, hourCycle: "h23", ...options });
  const region = () => document.getElementById("explore");

  /** Shows a span: the server draws it and says which address it has. */
  function show(from, to) {
    const url = new URL(region().dataset.base, location.href);
    url.searchParams.set("from", new Date(from * 1e3).toISOString());
    url.searchParams.set("to", new Date(to * 1e3).toISOString());
    htmx.ajax("GET", url.pathname + url.search, { target: "#explore", swap: "outerHTML" });
  }

  /** The point of a line nearest to a time; undefined in a gap and beyond its ends. */
  function near(line, at) {
    const { x, y } = line;
    let [low, high] = [0, x.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (x[middle] < at) low = middle + 1;
      else high = middle;
    }
    const beside = [low - 1, low].filter((i) => y[i] != null);
    beside.sort((a, b) => Math.abs(x[a] - at) - Math.abs(x[b] - at));
    const [best] = beside;
    if (best === undefined) return undefined;
    // Between two points that a line joins there is a value; at an end only near it.
    const isNear = Math.abs(x[best] - at) <= 2 * line.step + line.slack;
    return beside.length === 2 || isNear ? best : undefined;
  }

  const outputs = (key) => document.querySelector(`[data-value="${key}"]`);
  const put = (output, text) => {
    if (output && output.textContent !== text) output.textContent = text;
  };

  function valueText(data, line, at) {
    const i = near(line, at);
    if (i === undefined) return "no data";
    const number = (v) =>
      v.toLocaleString(locale, {
        minimumFractionDigits: line.decimals,
        maximumFractionDigits: line.decimals,
      });
    const unit = data.unit === "" ? "" : `\u202f${data.unit}`;
    const range =
      line.low?.[i] == null ? "" : ` (${number(line.low[i])} to ${number(line.high[i])})`;
    return `${number(line.y[i])}${unit}${range}`;
  }

  /** Says what every line and strip was at a time; undefined clears it. */
  function read(at, zone) {
    const time = document.getElementById("explore-at");
    const words = { weekday: "short", day: "numeric", month: "short", year: "numeric" };
    const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
    const text = (when) =>
      timeFormat(zone, { ...words, ...clock })
        .format(new Date(when * 1e3))
        .replaceAll(",", "");
    put(time, at === undefined ? time?.dataset.none : text(at));
    for (const box of document.querySelectorAll("[data-strip]")) {
      const runs = JSON.parse(document.getElementById(box.dataset.strip)?.textContent ?? "[]");
      const run = at === undefined ? undefined : runs.find(([a, b]) => a <= at && at < b);
      put(outputs(box.id), at === undefined ? "" : (run?.[2] ?? "no data"));
    }
  }

  /** Hatches the times in which no line has anything. */
  function hatch(plot, data) {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.strokeStyle = color("hatch");
    ctx.lineWidth = devicePixelRatio;
    for (const [from, to] of data.gaps) {
      const left = Math.max(bbox.left, plot.valToPos(from, "x", true));
      const right = Math.min(bbox.left + bbox.width, plot.valToPos(to, "x", true));
      if (right <= left) continue;
      ctx.save();
      ctx.beginPath();
      ctx.rect(left, bbox.top, right - left, bbox.height);
      ctx.clip();
      ctx.beginPath();
      for (let x = left - bbox.height; x < right; x += 6 * devicePixelRatio) {
        ctx.moveTo(x, bbox.top + bbox.height);
        ctx.lineTo(x + bbox.height, bbox.top);
      }
      ctx.stroke();
      ctx.restore();
    }
    ctx.restore();
  }

  function unit(plot, data) {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.font = `${12 * devicePixelRatio}px sans-serif`;
    ctx.fillStyle = color("muted");
    ctx.textAlign = "left";
    ctx.fillText(data.unit, bbox.left + 4 * devicePixelRatio, bbox.top - 6 * devicePixelRatio);
    ctx.restore();
  }

  /** Drags with mouse, pen or finger select a span; a drag shorter than a few pixels is none. */
  function selectable(plot) {
    const { over } = plot;
    let start;
    const xOf = (event) => {
      const box = over.getBoundingClientRect();
      return Math.min(box.width, Math.max(0, event.clientX - box.left));
    };
    const select = (left, width) =>
      plot.setSelect({ left, width, top: 0, height: over.clientHeight }, false);
    over.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      start = xOf(event);
      over.setPointerCapture(event.pointerId);
    });
    over.addEventListener("pointermove", (event) => {
      if (start === undefined) return;
      const x = xOf(event);
      select(Math.min(start, x), Math.abs(x - start));
    });
    over.addEventListener("pointercancel", () => {
      start = undefined;
      select(0, 0);
    });
    over.addEventListener("pointerup", (event) => {
      if (start === undefined) return;
      const ends = [start, xOf(event)].sort((a, b) => a - b);
      start = undefined;
      if (ends[1] - ends[0] < 6) return select(0, 0);
      show(plot.posToVal(ends[0], "x"), plot.posToVal(ends[1], "x"));
    });
  }

  function axes(data) {
    const axis = {
      ...{ stroke: color("muted"), ticks: { show: false } },
      grid: { stroke: color("grid"), width: 1 },
    };
    const day = timeFormat(data.zone, { day: "numeric", month: "short" });
    const clock = timeFormat(data.zone, { hour: "2-digit", minute: "2-digit" });
    const second = timeFormat(data.zone, {
      ...{ hour: "2-digit", minute: "2-digit", second: "2-digit" },
    });
    const big = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 2 });
    const plain = new Intl.NumberFormat(locale, { maximumFractionDigits: 6 });
    const times = (_plot, splits) => {
      const step = splits.length > 1 ? splits[1] - splits[0] : 86_400;
      const words = step >= 86_400 ? day : step >= 60 ? clock : second;
      return splits.map((at) => {
        const text = words.format(new Date(at * 1e3));
        return text === "00:00" ? day.format(new Date(at * 1e3)) : text;
      });
    };
    const numbers = (_plot, splits) =>
      splits.map((v) => (Math.abs(v) >= 1e5 ? big : plain).format(v));
    return [
      { ...axis, values: times, size: 28 },
      { ...axis, values: numbers, size: 52 },
    ];
  }

  function seriesOf(line) {
    const shape = { spanGaps: false, points: { show: false } };
    const stroke = color(`line-${line.look}`);
    const own = { ...shape, stroke, width: 1.6, dash: DASHES[line.look] };
    return line.low ? [own, shape, shape] : [own];
  }

  function draw(box) {
    const data = JSON.parse(document.getElementById(box.dataset.lines).textContent);
    for (const line of data.lines) line.slack = (data.to - data.from) / 200;
    const still = [...box.querySelectorAll("svg.chart")].find((svg) => svg.clientWidth > 0);
    const ratio = still ? still.clientHeight / Math.max(1, still.clientWidth) : 0.25;
    const size = () => ({
      width: box.clientWidth,
      height: Math.max(HEIGHT_LEAST, box.clientWidth * ratio),
    });
    const tables = data.lines.map((line) =>
      line.low ? [line.x, line.y, line.low, line.high] : [line.x, line.y],
    );
    const series = data.lines.map(seriesOf);
    let at = 1;
    const bands = data.lines.flatMap((line, i) => {
      const first = at;
      at += series[i].length;
      const fill = `${color(`line-${line.look}`)}2e`;
      return line.low ? [{ series: [first + 2, first + 1], fill }] : [];
    });
    box.setAttribute("data-taken", "");
    const plot = new uPlot(
      {
        ...size(),
        padding: [22, 12, 0, 0],
        legend: { show: false },
        tzDate: (when) => uPlot.tzDate(new Date(when * 1e3), data.zone),
        cursor: {
          ...{ y: false, points: { show: false }, sync: { key: "explore" } },
          drag: { x: false, y: false, setScale: false },
        },
        scales: { x: { min: data.from, max: data.to } },
        axes: axes(data),
        series: [{}, ...series.flat()],
        bands,
        hooks: {
          drawAxes: [(made) => hatch(made, data)],
          draw: [(made) => unit(made, data)],
          setCursor: [
            (made) => {
              const { left } = made.cursor;
              const when = left >= 0 ? made.posToVal(left, "x") : undefined;
              data.lines.forEach((line, i) => {
                const text = when === undefined ? "" : valueText(data, line, when);
                put(outputs(`${box.id} ${i}`), text);
              });
              read(when, data.zone);
            },
          ],
        },
      },
      tables.length === 1 ? tables[0] : uPlot.join(tables),
      box,
    );
    selectable(plot);
    new ResizeObserver(() => plot.setSize(size())).observe(box);
  }

  function lines() {
    for (const box of document.querySelectorAll("[data-lines]:not([data-taken])")) draw(box);
  }

  // Arrow keys, plus and minus press the buttons that do the same; Backspace goes back.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!event.target.closest?.("#explore-charts")) return;
    const key = event.key === "=" ? "+" : event.key;
    if (key === "Backspace") history.back();
    const button = region()?.querySelector(`[data-go="${CSS.escape(key)}"]`);
    if (!button && key !== "Backspace") return;
    event.preventDefault();
    button?.click();
  });

  window.foresightCharts = () => {
    drawStills();
    lines();
  };
}
