// docs/screen-readers.md, key by key: what it says is said, is said.
import { readFile } from "node:fs/promises";
import { Demo } from "./demo.js";
import { expect, test } from "./fixtures.js";
import { announced, focused, listen } from "./spoken.js";

const KEYS = { "↓": "ArrowDown", "↑": "ArrowUp", "→": "ArrowRight", "←": "ArrowLeft", Ctrl: "Control" };

/** The tasks of the guide: each a title and its lines, of keys to press and what is heard then. */
async function tasks() {
  const text = await readFile(new URL("../docs/screen-readers.md", import.meta.url), "utf8");
  return text.split(/^## /m).slice(1).map((task) => {
    const lines = [...task.matchAll(/^\| (.+?) \| (.*?) ?\|$/gm)].map(([, keys, said]) => ({ keys, said })).slice(1);
    return { title: task.split("\n")[0], lines };
  });
}
async function press(page, keys) {
  for (const [, key, text] of keys.matchAll(/`([^`]+)`|“([^”]+)”/g)) {
    if (text) await page.keyboard.type(text, { delay: 20 });
    else await page.keyboard.press(key.replace(/[↓↑→←]|Ctrl/g, (name) => KEYS[name]));
  }
}
/** Said as the guide has it, where … stands for what is another each time. */
const like = (said) => new RegExp(`^${said.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".+")}$`);

test("ten tasks are done by keys alone, and said as the guide has it", async ({ browser }) => {
  test.slow();
  const demo = await Demo.make();
  try {
    const page = await (await browser.newContext({ viewport: { width: 1500, height: 1000 } })).newPage();
    await page.goto(`${demo.host}/?person=wendy`);
    await page.goto(`${demo.host}/sales`);
    const all = await tasks();
    expect(all.length).toBe(10);
    for (const { title, lines } of all) {
      expect(lines.length, title).toBeGreaterThan(2);
      await page.reload();
      await expect(page.locator("#plan-r0c0")).not.toHaveText("");
      await page.getByRole("tab").first().focus();
      if (!title.startsWith("1.")) {
        await page.getByRole("grid", { name: "Forecast" }).focus();
        await page.keyboard.press("ArrowDown");
      }
      await listen(page);
      for (const { keys, said } of lines) {
        if (keys.includes("Walt types")) {
          const key = ["West", "Accessories", "2017-03-01"];
          const edit = { table: "forecast", key, cells: [{ column: "forecast", value: "777", was: null }] };
          const batch = { batch_id: crypto.randomUUID(), workbook: "sales_planning", edits: [edit] };
          expect((await demo.call("edits", { batch }, { session: await demo.session("walt") })).status).toBe(200);
          continue;
        }
        await press(page, keys);
        const heard = [];
        for (const words of said.split("<br>")) {
          const where = `${title}: ${keys}`;
          if (words.startsWith("*")) {
            const wanted = like(words.slice(1, -1));
            await expect.poll(async () => heard.push(...(await announced(page))) && heard.some((one) => wanted.test(one)) ? words : heard, { message: where }).toBe(words);
          } else {
            await expect.poll(() => focused(page), { message: where }).toBe(words);
          }
        }
        await announced(page);
      }
    }
  } finally {
    await demo.stop();
    await demo.remove();
  }
});
