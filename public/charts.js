// The chart chunk: ECharts, only the parts we draw with, and what can't be said in JSON (number formats, theme colours).

import {
  BarChart, BoxplotChart, FunnelChart, HeatmapChart, LineChart, PieChart, RadarChart, SankeyChart, ScatterChart, TreemapChart,
} from "echarts/charts";
import {
  CalendarComponent, GridComponent, LegendScrollComponent, MarkAreaComponent, MarkLineComponent, RadarComponent, TooltipComponent, VisualMapContinuousComponent,
} from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([
  BarChart, BoxplotChart, FunnelChart, HeatmapChart, LineChart, PieChart, RadarChart, SankeyChart, ScatterChart, TreemapChart,
  CalendarComponent, GridComponent, LegendScrollComponent, MarkAreaComponent, MarkLineComponent, RadarComponent, TooltipComponent,
  VisualMapContinuousComponent, SVGRenderer,
]);

const still = matchMedia("(prefers-reduced-motion: reduce)");

/** Begins to draw into `element`. */
export function mount(element, locale, currency) {
  const chart = init(element, null, { renderer: "svg" });
  const formats = numberFormats(locale, currency);
  const names = calendarNames(locale);
  let last;
  const draw = () => {
    if (last) chart.setOption(dress(JSON.parse(last), element, formats, names), { notMerge: true });
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
function dress(option, element, formats, names) {
  const style = getComputedStyle(element);
  const color = (name) => resolve(element, name);
  const theme = {
    text: color("--_text"),
    quiet: color("--_quiet"),
    line: color("--_line"),
    surface: color("--_surface"),
    sunken: color("--_sunken"),
    onAccent: color("--_on-accent"),
    color,
    palette: [1, 2, 3, 4, 5, 6].map((i) => color(`--_series-${i}`)),
    font: { fontFamily: style.fontFamily, fontSize: 12, color: color("--_quiet") },
  };
  const { font, line } = theme;
  const legend = option.legend?.show;
  return {
    ...option,
    color: theme.palette,
    textStyle: font,
    animation: !still.matches,
    animationDuration: 300,
    animationDurationUpdate: 300,
    ...(option.xAxis && {
      grid: room(option, legend),
      xAxis: each(option.xAxis, (axis) => dressAxis(axis, theme, formats, "middle")),
      yAxis: each(option.yAxis, (axis) => dressAxis(axis, theme, formats, "end")),
    }),
    ...(option.radar && {
      radar: { ...option.radar, axisName: font, axisLine: { lineStyle: { color: line } }, splitLine: { lineStyle: { color: line } }, splitArea: { show: false } },
    }),
    ...(option.calendar && { calendar: option.calendar.map((strip) => dressCalendar(strip, theme, names)) }),
    ...(option.visualMap && {
      visualMap: {
        ...option.visualMap,
        type: "continuous", orient: "horizontal", top: 0, left: 0, itemWidth: 10, itemHeight: 120, textStyle: font,
        text: [option.visualMap.max, option.visualMap.min].map(formats.short(option.visualMap.inlayFormat)),
        inRange: { color: [theme.sunken, theme.palette[0]] },
      },
    }),
    legend: { ...option.legend, top: 0, left: 0, icon: "roundRect", itemWidth: 12, itemHeight: 4, textStyle: font, type: "scroll" },
    tooltip: {
      ...option.tooltip,
      // Inside the element, so that it stays within the shadow root and the frame.
      appendTo: element,
      confine: true,
      backgroundColor: theme.surface,
      borderColor: line,
      textStyle: { ...font, color: theme.text },
      formatter: (marks) => tip(marks, (mark) => formats.full(option.series[mark.seriesIndex]?.inlayFormat)),
    },
    series: (option.series ?? []).map((series) => dressSeries(series, theme)),
  };
}

function each(axes, dress) {
  return Array.isArray(axes) ? axes.map(dress) : dress(axes);
}

/** What is around the axes: a name at the end of x has its half beyond it. */
function room(option, legend) {
  const [x, y] = [option.xAxis, option.yAxis].map((axis) => (Array.isArray(axis) ? axis[0] : axis));
  const above = (legend ? 32 : 12) + (y.name ? 20 : 0) + (option.visualMap ? 20 : 0);
  return { left: 4, right: x.type === "category" ? 28 : 16, top: above, bottom: x.name ? 24 : 4, containLabel: true };
}

function dressAxis(axis, { font, line }, formats, nameLocation) {
  return {
    ...axis,
    nameLocation,
    nameGap: nameLocation === "end" ? 12 : 28,
    nameTextStyle: { ...font, ...(nameLocation === "end" && { align: "left" }) },
    axisLabel: { ...font, hideOverlap: true, ...axis.axisLabel, ...(axis.type === "value" && { formatter: formats.short(axis.inlayFormat) }) },
    axisLine: { show: axis.type === "category", lineStyle: { color: line } },
    splitLine: { show: axis.type === "value", ...axis.splitLine, lineStyle: { color: line } },
  };
}

function dressCalendar(strip, { font, line, surface, sunken }, names) {
  return {
    ...strip,
    left: 56,
    right: 8,
    cellSize: "auto",
    itemStyle: { color: sunken, borderColor: surface, borderWidth: 1 },
    splitLine: { lineStyle: { color: line, width: 1 } },
    // Weeks begin on Monday (ISO 8601), as the spans of controls have it.
    dayLabel: { ...font, fontSize: 10, firstDay: 1, nameMap: names.days },
    monthLabel: { ...font, fontSize: 10, nameMap: names.months },
    yearLabel: { ...font, margin: 32 },
  };
}

/** What days and months are called in the reader's language, as short as it has them. */
function calendarNames(locale) {
  const name = (options, date) => {
    try {
      return new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" }).format(date);
    } catch {
      return new Intl.DateTimeFormat("en-US", { ...options, timeZone: "UTC" }).format(date);
    }
  };
  // The fourth of January 1970 was a Sunday.
  const days = Array.from({ length: 7 }, (_, day) => name({ weekday: "narrow" }, new Date(Date.UTC(1970, 0, 4 + day))));
  const months = Array.from({ length: 12 }, (_, month) => name({ month: "short" }, new Date(Date.UTC(1970, month, 1))));
  return { days, months };
}

/** What each kind of series has of the theme. */
function dressSeries(series, theme) {
  const { font, text, quiet, surface, sunken, onAccent, palette } = theme;
  const said = (at) => ({ ...at, label: { ...at.label, formatter: () => at.inlayLabel ?? "" } });
  const dressed = { ...series };
  if (series.data?.some((mark) => mark?.inlayColor)) {
    dressed.data = series.data.map((mark) => ({ ...mark, itemStyle: { color: theme.color(`--_${mark.inlayColor}`) } }));
  }
  if (series.inlayLike !== undefined) {
    const color = palette[series.inlayLike % palette.length];
    Object.assign(dressed, { itemStyle: { color }, lineStyle: { ...series.lineStyle, color } });
  }
  if (series.markLine) {
    const lineStyle = { color: quiet, type: "dashed", width: 1 };
    dressed.markLine = { ...series.markLine, data: series.markLine.data.map(said), lineStyle, label: { ...font, color: text, ...series.markLine.label } };
  }
  if (series.markArea) {
    const data = series.markArea.data.map(([from, to]) => [said(from), to]);
    dressed.markArea = { ...series.markArea, data, itemStyle: { color: palette[0], opacity: 0.08 }, label: { ...font, position: "insideTopLeft" } };
  }
  switch (series.type) {
    case "pie":
      return { ...dressed, itemStyle: { borderColor: surface, borderWidth: 1 } };
    case "funnel":
      return { ...dressed, label: { ...series.label, ...font, color: text }, itemStyle: { borderColor: surface, borderWidth: 0 } };
    case "treemap":
      return {
        ...dressed,
        label: { ...font, color: onAccent, overflow: "truncate" },
        upperLabel: { ...series.upperLabel, ...font, color: text },
        itemStyle: { ...series.itemStyle, borderColor: surface },
        levels: [{ itemStyle: { gapWidth: 2, borderWidth: 0 }, upperLabel: { show: false } }, { itemStyle: { borderColor: sunken, borderWidth: 2, gapWidth: 1 } }],
      };
    case "heatmap":
      return { ...dressed, itemStyle: { borderColor: surface, borderWidth: 1 } };
    case "boxplot":
      return { ...dressed, itemStyle: { color: sunken, borderColor: palette[0], borderWidth: 1.5 } };
    case "sankey":
      return { ...dressed, label: { ...font, color: text, formatter: (mark) => mark.data.inlayLabel } };
    default:
      return dressed;
  }
}

/** A tooltip: a head, and a line for each mark. Made of nodes, since what they say is anybody's text. */
function tip(marks, formatOf) {
  const list = (Array.isArray(marks) ? marks : [marks]).filter((mark) => mark.value != null);
  const [first] = list;
  if (!first) return "";
  const node = (name, className, text) => {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = text;
    return made;
  };
  const box = node("div", "chart-tip", "");
  const head = first.axisValueLabel ?? first.data?.inlayLabel ?? first.data?.name ?? first.name;
  box.append(node("b", "", head));
  for (const mark of list) {
    const line = node("div", "chart-tip-line", "");
    const shown = mark.data?.tip ?? formatOf(mark)(Array.isArray(mark.value) ? mark.value.at(-1) : mark.value);
    if (list.length > 1 || first.axisValueLabel !== undefined) {
      const colour = node("i", "", "");
      colour.style.background = mark.color;
      line.append(colour, node("span", "", mark.seriesName));
    }
    line.append(node("span", "chart-tip-value", shown));
    box.append(line);
  }
  return box;
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
