// The chart chunk: ECharts, only the parts we draw with, and what can't be said in JSON (number formats, theme colours).

import { BarChart, LineChart, PieChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, PieChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

const still = matchMedia("(prefers-reduced-motion: reduce)");

/** Begins to draw into `element`. */
export function mount(element, locale, currency) {
  const chart = init(element, null, { renderer: "svg" });
  const formats = numberFormats(locale, currency);
  let last;
  const draw = () => {
    if (last) chart.setOption(dress(JSON.parse(last), element, formats), { notMerge: true });
  };
  // The theme is CSS only; a change of it is seen by its colours.
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", draw);
  const themed = new MutationObserver(draw);
  themed.observe(element.closest(".inlay") ?? element, { attributes: true, attributeFilter: ["data-theme"] });
  return {
    update(option) {
      last = option;
      draw();
    },
    resize() {
      chart.resize();
    },
    dispose() {
      scheme.removeEventListener("change", draw);
      themed.disconnect();
      chart.dispose();
    },
  };
}

function numberFormats(locale, currency) {
  const make = (options) => {
    try {
      return new Intl.NumberFormat(locale, options);
    } catch {
      return new Intl.NumberFormat("en-US", options);
    }
  };
  const money = { style: "currency", currency };
  const full = {
    currency: make({ ...money, maximumFractionDigits: 2 }),
    currency_rounded: make({ ...money, maximumFractionDigits: 0 }),
    percent: make({ style: "percent", maximumFractionDigits: 1 }),
    plain: make({ maximumFractionDigits: 2 }),
  };
  const short = {
    currency: make({ ...money, notation: "compact", maximumFractionDigits: 1 }),
    percent: full.percent,
    plain: make({ notation: "compact", maximumFractionDigits: 1 }),
  };
  short.currency_rounded = short.currency;
  const pick = (set) => (name) => {
    const format = set[name] ?? set.plain;
    return (value) => (value == null ? "–" : format.format(value));
  };
  return { full: pick(full), short: pick(short) };
}

/** Puts colours, fonts and number formats into an option of ours. */
function dress(option, element, formats) {
  const style = getComputedStyle(element);
  const color = (name) => resolve(element, name);
  const text = color("--_quiet");
  const line = color("--_line");
  const font = { fontFamily: style.fontFamily, fontSize: 12, color: text };
  const palette = [1, 2, 3, 4, 5, 6].map((i) => color(`--_series-${i}`));
  const axis = (a) => a && {
    ...a,
    axisLabel: { ...font, hideOverlap: true, ...(a.type === "value" && { formatter: formats.short(a.inlayFormat) }) },
    axisLine: { show: a.type === "category", lineStyle: { color: line } },
    splitLine: { show: a.type === "value", lineStyle: { color: line } },
  };
  const series = (option.series ?? []).map((s) => ({ ...s, tooltip: { valueFormatter: formats.full(s.inlayFormat) } }));
  const legend = option.legend?.show;
  return {
    ...option,
    color: palette,
    textStyle: font,
    animation: !still.matches,
    animationDuration: 300,
    animationDurationUpdate: 300,
    ...(option.xAxis && {
      // A name at the end of x has its half beyond it.
      grid: { left: 4, right: option.xAxis.type === "category" ? 28 : 16, top: legend ? 32 : 12, bottom: 4, containLabel: true },
      xAxis: axis(option.xAxis),
      yAxis: axis(option.yAxis),
    }),
    legend: { ...option.legend, top: 0, left: 0, icon: "roundRect", itemWidth: 12, itemHeight: 4, textStyle: font, type: "scroll" },
    tooltip: {
      ...option.tooltip,
      // Inside the element, so that it stays within the shadow root and the frame.
      appendTo: element,
      confine: true,
      backgroundColor: color("--_surface"),
      borderColor: line,
      textStyle: { ...font, color: color("--_text") },
    },
    series,
  };
}

/** A custom property's colour as the browser computes it, `light-dark()` included. */
function resolve(element, name) {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  // Lines of one colour could not be told apart.
  probe.style.forcedColorAdjust = "none";
  element.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}
