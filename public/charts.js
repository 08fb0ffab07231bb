// The chart chunk: ECharts, only the parts we draw with, and what can't be said in JSON (number formats, theme colours), and what a
// person does with a drawing. Pictures of it are made here too.

import {
  BarChart, BoxplotChart, FunnelChart, HeatmapChart, LineChart, PieChart, RadarChart, SankeyChart, ScatterChart, TreemapChart,
} from "echarts/charts";
import { CalendarComponent, GridComponent, MarkAreaComponent, MarkLineComponent, RadarComponent, TooltipComponent, VisualMapContinuousComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([
  BarChart, BoxplotChart, FunnelChart, HeatmapChart, LineChart, PieChart, RadarChart, SankeyChart, ScatterChart, TreemapChart,
  CalendarComponent, GridComponent, MarkAreaComponent, MarkLineComponent, RadarComponent, TooltipComponent, VisualMapContinuousComponent, SVGRenderer,
]);

const still = matchMedia("(prefers-reduced-motion: reduce)");
/** Colours that the style sheet has for series; more begin anew. */
const TONES = 10;
/** Slices that have a line between them; of more nothing else would be seen. */
const MOST_EDGED = 100;
/** From here on a press is a stroke, in pixels. */
const STROKE_PX = 6;
/** How long a finger stays before it draws, in milliseconds. */
const HOLD_MS = 400;

/** Begins to draw into `element`; `tell` is called with what a person does, as JSON (`gesture.rs`). */
export function mount(element, locale, currency, tell) {
  const chart = init(element, null, { renderer: "svg" });
  const formats = numberFormats(locale, currency);
  const names = calendarNames(locale);
  let last;
  let option;
  const draw = () => {
    if (!last) return;
    option = JSON.parse(last);
    chart.setOption(dress(option, element, formats, names), { notMerge: true });
  };
  // The theme is CSS only; a change of it is seen by its colours.
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", draw);
  const themed = new MutationObserver(draw);
  themed.observe(element.closest(".inlay") ?? element, { attributes: true, attributeFilter: ["data-theme"] });
  const stop = gestures(chart, element, () => option, (gesture) => tell(JSON.stringify(gesture)));
  return {
    update(next) {
      last = next;
      draw();
    },
    show(row) {
      const at = option && placeOf(option, row);
      if (!at) return;
      chart.dispatchAction({ type: "downplay" });
      chart.dispatchAction({ type: "highlight", ...at });
      chart.dispatchAction({ type: "showTip", ...at });
    },
    hide() {
      chart.dispatchAction({ type: "downplay" });
      chart.dispatchAction({ type: "hideTip" });
    },
    picture: (root, drawings, told) => picture(root, drawings, JSON.parse(told), locale),
    node: element,
    svg: () => chart.getZr().painter.getSvgDom(),
    resize() {
      chart.resize();
    },
    dispose() {
      stop();
      scheme.removeEventListener("change", draw);
      themed.disconnect();
      chart.dispose();
    },
  };
}

/** Tells of presses, of double ones, and of strokes along an axis or over the plane. Gives what ends it. */
function gestures(chart, element, optionOf, tell) {
  const across = () => optionOf()?.inlayAcross;
  const isInside = (x, y) => Boolean(across()) && chart.containPixel({ gridIndex: 0 }, [x, y]);
  // The place of an x under a point, if there is one.
  const placeAt = (x, y) => {
    const axis = across();
    if (axis === "plane" || !isInside(x, y)) return undefined;
    const place = chart.convertFromPixel({ gridIndex: 0 }, [x, y])[axis === "x" ? 0 : 1];
    return Number.isInteger(place) ? place : undefined;
  };
  const rowOf = (mark) => mark?.data?.mark ?? optionOf()?.series[mark?.seriesIndex]?.inlayMarks?.[mark?.dataIndex] ?? undefined;
  let hit;
  let stroked = false;
  const more = (event) => event?.ctrlKey || event?.metaKey || event?.shiftKey || false;
  chart.on("click", (mark) => (hit = rowOf(mark)));
  const zr = chart.getZr();
  // Comes after the mark's own.
  const press = ({ offsetX, offsetY, event }) => {
    const row = hit;
    hit = undefined;
    if (stroked) return;
    const place = row === undefined ? placeAt(offsetX, offsetY) : undefined;
    if (row === undefined && place === undefined) return;
    // The second of two is told by itself.
    if (event.detail > 1) tell({ deeper: { row, place } });
    else tell({ press: { row, place, more: more(event) } });
  };
  zr.on("click", press);
  let begun;
  let brush;
  let hold;
  const at = (event) => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const end = () => {
    clearTimeout(hold);
    brush?.remove();
    brush = begun = undefined;
  };
  const stroke = (x, y) => {
    if (!brush) {
      brush = document.createElement("div");
      brush.className = "chart-brush";
      element.append(brush);
      element.setPointerCapture?.(begun.pointer);
      chart.dispatchAction({ type: "hideTip" });
    }
    const box = areaOf(begun, x, y);
    const [wide, high] = [across() !== "y", across() !== "x"];
    Object.assign(brush.style, wide ? { left: `${box.left}px`, width: `${box.width}px` } : { left: "0", right: "0" });
    Object.assign(brush.style, high ? { top: `${box.top}px`, height: `${box.height}px` } : { top: "0", bottom: "0" });
    begun.to = placeAt(x, y) ?? begun.to;
    begun.area = box;
  };
  const down = (event) => {
    stroked = false;
    const [x, y] = at(event);
    if (event.button !== 0 || !isInside(x, y)) return;
    begun = { x, y, place: placeAt(x, y), pointer: event.pointerId, held: event.pointerType !== "touch" };
    // A finger that stays draws; one that moves at once scrolls the page.
    if (!begun.held) {
      hold = setTimeout(() => {
        begun.held = true;
        stroke(x, y);
      }, HOLD_MS);
    }
  };
  const move = (event) => {
    if (!begun) return;
    const [x, y] = at(event);
    const [right, below] = [Math.abs(x - begun.x), Math.abs(y - begun.y)];
    const far = { x: right, y: below, plane: Math.max(right, below) }[across()] >= STROKE_PX;
    if (!begun.held && Math.max(right, below) >= STROKE_PX) return end();
    if (brush || (begun.held && far)) stroke(x, y);
  };
  const up = () => {
    stroked = brush !== undefined;
    const { place, to, area } = begun ?? {};
    const plane = across() === "plane";
    end();
    if (stroked && plane) tell({ area: { rows: rowsIn(chart, optionOf(), area) } });
    else if (stroked && place !== undefined && to !== undefined) tell({ span: { from: place, to } });
  };
  // What is drawn by a finger neither scrolls the page nor opens a menu.
  const keep = (event) => {
    if (brush) event.preventDefault();
  };
  const listeners = { pointerdown: down, pointermove: move, pointerup: up, pointercancel: end, touchmove: keep, contextmenu: keep };
  for (const [name, listener] of Object.entries(listeners)) element.addEventListener(name, listener, { passive: false });
  return () => {
    for (const [name, listener] of Object.entries(listeners)) element.removeEventListener(name, listener);
  };
}

function areaOf({ x, y }, toX, toY) {
  return { left: Math.min(x, toX), top: Math.min(y, toY), width: Math.abs(toX - x), height: Math.abs(toY - y) };
}

/** The rows whose points lie in an area of the drawing. */
function rowsIn(chart, option, { left, top, width, height }) {
  const lies = (seriesIndex, value) => {
    const [x, y] = chart.convertToPixel({ seriesIndex }, value);
    return x >= left && x <= left + width && y >= top && y <= top + height;
  };
  return option.series.flatMap(({ data }, i) => data.filter(({ value }) => lies(i, value)).map(({ mark }) => mark));
}

/** Where ECharts has the mark of a row. */
function placeOf(option, row) {
  for (const [seriesIndex, series] of option.series.entries()) {
    const dataIndex = series.inlayMarks ? series.inlayMarks.indexOf(row) : (series.data ?? []).findIndex((mark) => mark?.mark === row);
    if (dataIndex >= 0) return { seriesIndex, dataIndex };
    const within = (series.data ?? []).flatMap((mark) => mark?.children ?? []).find((mark) => mark.mark === row);
    if (within) return { seriesIndex, name: within.name };
    const link = (series.links ?? []).findIndex((link) => link.mark === row);
    if (link >= 0) return { seriesIndex, dataIndex: link, dataType: "edge" };
  }
  return undefined;
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
    compact: make({ notation: "compact", maximumFractionDigits: 1 }),
    currency_compact: make({ ...money, notation: "compact", maximumFractionDigits: 1 }),
  };
  const short = {
    currency: make({ ...money, notation: "compact", maximumFractionDigits: 1 }),
    percent: full.percent,
    plain: make({ notation: "compact", maximumFractionDigits: 1 }),
  };
  short.currency_rounded = short.currency_compact = short.currency;
  // An author's own: digits with something before or behind them.
  const custom = ({ decimals, prefix = "", suffix = "" }, short) => {
    const digits = decimals === undefined ? { maximumFractionDigits: 2 } : { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    const format = make(short ? { notation: "compact", maximumFractionDigits: 1 } : digits);
    return { format: (value) => `${value < 0 ? "-" : ""}${prefix}${format.format(Math.abs(value))}${suffix}` };
  };
  const pick = (set) => (name) => {
    const format = typeof name === "object" && name ? custom(name, set === short) : (set[name] ?? set.plain);
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
    palette: Array.from({ length: TONES }, (_, i) => color(`--_series-${i + 1}`)),
    font: { fontFamily: style.fontFamily, fontSize: 12, color: color("--_quiet") },
  };
  const { font, line } = theme;
  return {
    ...option,
    color: theme.palette,
    textStyle: font,
    animation: !still.matches,
    animationDuration: 300,
    animationDurationUpdate: 300,
    ...(option.xAxis && {
      grid: room(option),
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
    tooltip: {
      ...option.tooltip,
      // Inside the element, so that it stays within the shadow root and the frame.
      appendTo: element,
      transitionDuration: 0,
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
function room(option) {
  const [x, y] = [option.xAxis, option.yAxis].map((axis) => (Array.isArray(axis) ? axis[0] : axis));
  const above = 12 + (y.name ? 20 : 0) + (option.visualMap ? 20 : 0);
  return { left: 4, right: x.type === "category" ? 28 : 16, top: above, bottom: x.name ? 24 : 4, containLabel: true };
}

function dressAxis(axis, { font, line }, formats, nameLocation) {
  const ofNumbers = axis.type === "value" || axis.type === "log";
  return {
    ...axis,
    nameLocation,
    nameGap: nameLocation === "end" ? 12 : 28,
    nameTextStyle: { ...font, ...(nameLocation === "end" && { align: "left" }) },
    axisLabel: { ...font, hideOverlap: true, ...axis.axisLabel, ...(ofNumbers && { formatter: formats.short(axis.inlayFormat) }) },
    axisLine: { show: axis.type === "category", lineStyle: { color: line } },
    splitLine: { show: ofNumbers, ...axis.splitLine, lineStyle: { color: line } },
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
  const toned = (tone) => palette[tone % palette.length];
  const dressed = { ...series };
  const own = (mark) => mark?.inlayColor || mark?.inlayTone !== undefined;
  if (series.data?.some(own)) {
    const colour = (mark) => (mark.inlayColor ? theme.color(`--_${mark.inlayColor}`) : toned(mark.inlayTone));
    dressed.data = series.data.map((mark) => {
      if (!own(mark)) return mark;
      const color = colour(mark);
      const border = series.type === "pie" && series.data.length <= MOST_EDGED && { borderColor: surface, borderWidth: 1 };
      return { ...mark, itemStyle: { color, ...border, ...mark.itemStyle }, ...(series.type === "radar" && { lineStyle: { color } }) };
    });
  }
  if (series.inlayTone !== undefined) {
    const color = toned(series.inlayTone);
    dressed.itemStyle = { ...series.itemStyle, color, ...looks(series.inlayLook, color, surface) };
    if (series.type === "line") dressed.lineStyle = { ...series.lineStyle, color };
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

/** How bars and areas look that are no plain facts. */
function looks(look, color, surface) {
  // Pale, with an edge: dashes would run into each other on thin bars.
  if (look === "dashed") return { color: color.replace(/^rgb\((.+)\)$/, "rgba($1, 0.35)"), borderColor: color, borderWidth: 1 };
  if (look === "pending") return { decal: { color: surface, dashArrayX: [1, 0], dashArrayY: [3, 4], rotation: Math.PI / 4 } };
  return {};
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

const SVG = "http://www.w3.org/2000/svg";

/** An SVG of these drawings as they lie in `root`: below a title and a legend, above notes. */
function picture(root, drawings, { title, notes, legend }, locale) {
  const style = getComputedStyle(root);
  const color = (name) => resolve(root, name);
  const box = root.getBoundingClientRect();
  const width = Math.max(320, Math.ceil(box.width)) + 32;
  const made = document.createElementNS(SVG, "svg");
  const add = (name, attributes, content) => {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (content !== undefined) node.textContent = content;
    made.append(node);
    return node;
  };
  const font = { "font-family": style.fontFamily.replaceAll('"', "'"), "font-size": 12, fill: color("--_text") };
  const ground = add("rect", { width, fill: color("--_surface") });
  add("text", { ...font, x: 16, y: 28, "font-size": 15, "font-weight": 600 }, title);
  let top = 40;
  let left = 16;
  // As wide as letters are, about; the legend goes on below where it has no room.
  for (const [name, tone] of legend) {
    const length = 34 + name.length * 7;
    if (left + length > width - 16 && left > 16) [left, top] = [16, top + 18];
    add("rect", { x: left, y: top + 6, width: 12, height: 4, rx: 2, fill: color(`--_series-${(tone % TONES) + 1}`) });
    add("text", { ...font, x: left + 18, y: top + 12, fill: color("--_quiet") }, name);
    left += length;
  }
  if (legend.length) top += 24;
  for (const drawing of drawings) {
    const at = drawing.node.getBoundingClientRect();
    const [x, y] = [16 + at.left - box.left, top + at.top - box.top + root.scrollTop];
    const label = drawing.node.previousElementSibling?.textContent;
    if (label) add("text", { ...font, x, y: y - 4, "font-weight": 600 }, label);
    const copy = drawing.svg().cloneNode(true);
    for (const [key, value] of Object.entries({ x, y, width: at.width, height: at.height })) copy.setAttribute(key, value);
    made.append(copy);
  }
  top += Math.max(box.height, root.scrollHeight) + 8;
  const time = new Date().toLocaleString(locale);
  for (const note of [...notes, time]) {
    top += 16;
    add("text", { ...font, x: 16, y: top, fill: color("--_quiet") }, note);
  }
  const height = top + 16;
  ground.setAttribute("height", height);
  for (const [key, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) made.setAttribute(key, value);
  return new XMLSerializer().serializeToString(made);
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
