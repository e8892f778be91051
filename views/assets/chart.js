// Hands still pictures over to uPlot in the same box: zoom by dragging, values under the pointer.

window.foresightCharts = () => {
  const color = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const KEY = { warning: ["w-edge", "w-ink"], critical: ["c", "c-ink"], emergency: ["e", "e-ink"] };

  /** Points with a null inside every gap, so that no line crosses one. */
  function broken(data) {
    const x = [];
    const y = [];
    data.x.forEach((at, i) => {
      for (const [from, to] of data.gaps)
        if (i > 0 && data.x[i - 1] <= from && at >= to) {
          x.push((from + to) / 2);
          y.push(null);
        }
      x.push(at);
      y.push(data.y[i]);
    });
    return [x, y];
  }

  function limits(plot, data) {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.font = `${12 * devicePixelRatio}px sans-serif`;
    ctx.textAlign = "left";
    ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
    for (const limit of data.limits) {
      const [line, ink] = KEY[limit.s] ?? ["line-strong", "muted"];
      const y = plot.valToPos(limit.v, "y", true);
      if (y < bbox.top || y > bbox.top + bbox.height) continue;
      ctx.strokeStyle = color(line);
      ctx.fillStyle = color(ink);
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
      ctx.fillText(limit.l, bbox.left + 4, y - 5);
    }
    ctx.restore();
  }

  function draw(box, data) {
    const size = () => {
      const still = [...box.querySelectorAll("svg.chart")].find((svg) => svg.clientWidth > 0);
      return { width: box.clientWidth, height: (still?.clientHeight ?? 290) - 32 };
    };
    const axis = {
      stroke: color("muted"),
      grid: { stroke: color("grid"), width: 1 },
      ticks: { show: false },
    };
    const { lang } = document.documentElement;
    const locale = lang === "en" ? "en-GB" : lang;
    const dayOf = new Intl.DateTimeFormat(locale, {
      timeZone: data.zone,
      day: "numeric",
      month: "short",
    });
    const clockOf = new Intl.DateTimeFormat(locale, {
      timeZone: data.zone,
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    const words = (_plot, splits) => {
      const step = splits.length > 1 ? splits[1] - splits[0] : 86_400;
      return splits.map((at) => (step >= 86_400 ? dayOf : clockOf).format(new Date(at * 1e3)));
    };
    const near = data.limits.map((limit) => limit.v);
    const plot = new uPlot(
      {
        ...size(),
        tzDate: (at) => uPlot.tzDate(new Date(at * 1e3), data.zone),
        cursor: { drag: { x: true, y: false }, points: { size: 6 } },
        scales: {
          x: { min: data.from, max: data.to },
          y: {
            range: (_plot, low, high) => {
              const span = high - low || 1;
              const shown = near.filter((v) => v > low - 1.5 * span && v < high + 1.5 * span);
              const [a, b] = [Math.min(low, ...shown), Math.max(high, ...shown)];
              return [a - (b - a) * 0.06, b + (b - a) * 0.08];
            },
          },
        },
        axes: [
          { ...axis, values: words },
          { ...axis, size: 52 },
        ],
        series: [
          {
            value: (_plot, at) =>
              at == null
                ? ""
                : new Date(at * 1e3).toLocaleString(locale, {
                    timeZone: data.zone,
                  }),
          },
          {
            label: data.label,
            stroke: color("trace"),
            width: 1.6,
            spanGaps: false,
            points: { show: false },
            value: (_plot, v) => (v == null ? "" : `${+v.toPrecision(5)} ${data.unit}`),
          },
        ],
        hooks: { draw: [(made) => limits(made, data)] },
      },
      broken(data),
      box,
    );
    new ResizeObserver(() => plot.setSize(size())).observe(box);
  }

  // A picture with marks and a forecast says more than the bare line, so it stays until somebody points at it.
  for (const box of document.querySelectorAll("[data-chart]:not([data-taken]):not([data-ready])")) {
    const text = document.getElementById(box.dataset.chart)?.textContent;
    if (!text) continue;
    box.setAttribute("data-ready", "");
    box.addEventListener(
      "pointerdown",
      (event) => {
        if (event.target.closest("a")) return;
        box.setAttribute("data-taken", "");
        draw(box, JSON.parse(text));
      },
      { once: true },
    );
  }
};
