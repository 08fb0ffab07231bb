// What both ways of embedding share: the one WASM module of the page, and the address of the charts.

/* global __ASSETS__ */

/** Loads the app's WASM once per page; `assets` is the URL of the assets' folder. */
let loading;
export function loadApp(assets) {
  loading ??= start(assets);
  return loading;
}

async function start(assets) {
  // Both at once: the script is small, the WASM is compiled while it arrives.
  const wasm = fetch(new URL(__ASSETS__["app.wasm"], assets));
  const app = await import(new URL(__ASSETS__["app.js"], assets).href);
  await app.default({ module_or_path: wasm });
  return app;
}

/** Loads the chart chunk once per page, when the first chart asks for it. */
export function loadCharts(assets) {
  return import(new URL(__ASSETS__["charts.js"], assets).href);
}

/** The stylesheet's address. */
export function styleUrl(assets) {
  return new URL(__ASSETS__["inlay.css"], assets).href;
}

/** A row's key as an attribute or an address has it: JSON of several values, or the only one as it is. */
export function readKey(text) {
  try {
    return text.startsWith("[") ? JSON.parse(text) : text;
  } catch {
    return text;
  }
}

/** The error that the app throws, as an object. */
export function readError(error) {
  try {
    return JSON.parse(error);
  } catch {
    return { code: "SY001", message: "The workbook could not be started.", detail: String(error) };
  }
}

// While developing, the page reloads itself when something was rebuilt.
/* global __DEV__ */
if (__DEV__) {
  const stamp = new URL(import.meta.url.includes("/assets/") ? "./dev.json" : "./assets/dev.json", import.meta.url);
  const read = () => fetch(stamp, { cache: "no-store" }).then((r) => (r.ok ? r.text() : undefined)).catch(() => undefined);
  let seen = await read();
  setInterval(async () => {
    const now = await read();
    if (now && seen && now !== seen) location.reload();
    seen = now ?? seen;
  }, 1000);
}
