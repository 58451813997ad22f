"use strict";
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const tone = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const plots = [...document.querySelectorAll("[data-figure]")];

  const webgl = (() => {
    const canvas = document.createElement("canvas");
    return Boolean(canvas.getContext("webgl"));
  })();

  // Legends beside a narrow map leave no map: they go below it.
  const fit = (layout, width) => {
    const legend = { ...layout.legend };
    let height = layout.height;
    if (layout.showlegend && legend.orientation !== "h" && width < 720) {
      Object.assign(legend, { orientation: "h", x: 0, y: -0.02, yanchor: "top" });
      height = Math.min(height, width) + 200;
    }
    return { legend, height };
  };

  const themed = (layout, width) => ({
    ...layout,
    ...fit(layout, width),
    font: { ...layout.font, color: tone("--ink") },
    hoverlabel: { ...layout.hoverlabel, bgcolor: tone("--paper"), bordercolor: tone("--line"), font: { ...layout.hoverlabel.font, color: tone("--ink") } },
  });

  const config = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] };

  const draw = (plot) => {
    const figure = JSON.parse(document.getElementById(plot.dataset.figure).textContent);
    if (!webgl) figure.data.forEach((trace) => { if (trace.type === "scattergl") trace.type = "scatter"; });
    figure.data.forEach((trace) => {
      [trace.marker, trace.error_x, trace.error_y].forEach((part) => {
        if (part && part.color === "#333d47") part.color = tone("--ink");
      });
    });
    (figure.layout.annotations || []).forEach((note) => { note.bgcolor = "rgba(0,0,0,0)"; });
    return Plotly.react(plot, figure.data, themed(figure.layout, plot.clientWidth), config);
  };
  // The names on a map come and go with their topics.
  const follow = (plot) => plot.on("plotly_restyle", () => {
    const shown = new Set(plot.data.filter((trace) => (trace.visible ?? true) === true).map((trace) => trace.legendgroup));
    const notes = (plot.layout.annotations || []).map((note) => ({ ...note, visible: !note.name || shown.has(note.name) }));
    if (notes.length) Plotly.relayout(plot, { annotations: notes });
  });
  const drawAll = () => plots.forEach(draw);
  drawAll();
  plots.forEach(follow);
  dark.addEventListener("change", drawAll);

  // Anchors work where the page lives in a frame without an address of its own, too.
  const links = [...document.querySelectorAll(".toc a")];
  links.forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById(link.hash.slice(1)).scrollIntoView();
  }));
  const mark = () => {
    const passed = links.filter((link) => document.getElementById(link.hash.slice(1)).getBoundingClientRect().top < 140);
    const here = passed.length ? passed[passed.length - 1] : links[0];
    links.forEach((link) => link.classList.toggle("here", link === here));
  };
  addEventListener("scroll", mark, { passive: true });
  mark();

  const valueOf = (row, column) => {
    const cell = row.cells[column];
    return "value" in cell.dataset ? Number(cell.dataset.value) : cell.textContent.trim();
  };
  const compare = (a, b) => {
    const numbers = typeof a === "number" && typeof b === "number";
    return numbers ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
  };
  // What was not measured stays at the end, whichever way the table is sorted.
  const absent = (value) => Number.isNaN(value) || value === "–";
  const sort = (head) => {
    const body = head.closest("table").tBodies[0];
    const down = head.getAttribute("aria-sort") === "ascending";
    const rows = [...body.rows].sort((one, other) => {
      const [a, b] = [valueOf(one, head.cellIndex), valueOf(other, head.cellIndex)];
      if (absent(a) || absent(b)) return absent(a) - absent(b);
      return down ? compare(b, a) : compare(a, b);
    });
    [...head.parentNode.cells].forEach((cell) => cell.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    body.append(...rows);
  };
  document.querySelectorAll("th[data-sort]").forEach((head) => {
    head.tabIndex = 0;
    head.addEventListener("click", () => sort(head));
    head.addEventListener("keydown", (event) => { if (event.key === "Enter") sort(head); });
  });

  const filter = document.getElementById("topic-filter");
  if (filter) {
    const cards = [...document.querySelectorAll(".card")];
    const told = (card) => [...card.querySelectorAll("h3, .meta code, .bar-name")].map((part) => `${part.textContent} ${part.title}`).join(" ");
    filter.addEventListener("input", () => {
      const wanted = filter.value.trim().toLowerCase();
      cards.forEach((card) => { card.hidden = !told(card).toLowerCase().includes(wanted); });
      const left = cards.filter((card) => !card.hidden).length;
      document.getElementById("topic-count").textContent = wanted ? `${left} of ${cards.length}` : "";
    });
  }

  document.querySelectorAll(".copy").forEach((button) => button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "copied";
    } catch {
      getSelection().selectAllChildren(button.previousElementSibling);
      button.textContent = "selected";
    }
    setTimeout(() => { button.textContent = "copy"; }, 1500);
  }));

  const tongues = new Intl.DisplayNames(["en"], { type: "language" });
  document.querySelectorAll("[data-language]").forEach((cell) => {
    try {
      cell.textContent = tongues.of(cell.dataset.language);
    } catch {
      // Not a language code: it stays as it is.
    }
  });
})();
