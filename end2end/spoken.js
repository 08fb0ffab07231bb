// What assistive technology is given to say: the name, role and states of what has the keyboard, and the live regions.
// Read from the browser's own accessibility tree, so that it is what a screen reader gets.

/** Begins to listen to a page's live regions, those in shadow roots too. */
export async function listen(page) {
  await page.evaluate(() => {
    const heard = (window.heard = []);
    const last = new WeakMap();
    const live = "[aria-live], [role=status], [role=alert]";
    const text = (region) => {
      const walk = document.createTreeWalker(region, NodeFilter.SHOW_TEXT);
      const parts = [];
      while (walk.nextNode()) parts.push(walk.currentNode.data);
      return parts.join(" ").replace(/\s+/g, " ").trim();
    };
    const hear = (node) => {
      const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
      if (!element) return;
      for (const region of [element.closest(live), ...element.querySelectorAll(live)]) {
        if (!region || last.get(region) === text(region)) continue;
        last.set(region, text(region));
        if (text(region)) heard.push(text(region));
      }
    };
    const root = document.querySelector("inlay-workbook").shadowRoot;
    for (const region of root.querySelectorAll(live)) last.set(region, text(region));
    new MutationObserver((changes) => {
      for (const change of changes) for (const node of [change.target, ...change.addedNodes]) hear(node);
    }).observe(root, { subtree: true, childList: true, characterData: true });
  });
}

/** What was announced since the last time one asked. */
export function announced(page) {
  return page.evaluate(() => window.heard.splice(0));
}

/** What has the keyboard, in the words of its name, role and states; a cell with its column. */
export async function focused(page) {
  const client = await page.context().newCDPSession(page);
  try {
    const { nodes } = await client.send("Accessibility.getFullAXTree");
    const of = (node, name) => node.properties?.find((property) => property.name === name)?.value;
    const focus = nodes.findLast((node) => of(node, "focused")?.value);
    if (!focus) return "";
    const active = of(focus, "activedescendant")?.relatedNodes?.[0]?.backendDOMNodeId;
    const node = (active && nodes.find((other) => other.backendDOMNodeId === active)) || focus;
    const words = [];
    if (node.role.value === "gridcell") words.push(await column(client, node.backendDOMNodeId));
    words.push(node.name?.value || node.value?.value || "blank");
    const expanded = of(node, "expanded")?.value;
    const states = {
      "read only": of(node, "readonly")?.value === true && node.role.value === "gridcell",
      "invalid entry": ["true", true].includes(of(node, "invalid")?.value),
      required: of(node, "required")?.value === true,
      expanded: expanded === true,
      collapsed: expanded === false,
      pressed: ["true", true].includes(of(node, "pressed")?.value),
      checked: ["true", true].includes(of(node, "checked")?.value),
      selected: of(node, "selected")?.value === true && node.role.value !== "gridcell",
    };
    if (node.role.value !== "gridcell") words.push(node.role.value);
    return [...words, ...Object.keys(states).filter((state) => states[state])].filter(Boolean).join(", ");
  } finally {
    await client.detach();
  }
}

/** The name of a cell's column, which a screen reader takes from the header with the same `aria-colindex`. */
async function column(client, backendNodeId) {
  const { object } = await client.send("DOM.resolveNode", { backendNodeId });
  const declaration = `function () {
    const grid = this.closest("[role=grid]");
    const header = grid.querySelector('[role=columnheader][aria-colindex="' + this.getAttribute("aria-colindex") + '"]');
    return header ? header.querySelector(".grid-name").innerText.trim().replace(/^✎\\s*/, "") : "";
  }`;
  const { result } = await client.send("Runtime.callFunctionOn", { objectId: object.objectId, functionDeclaration: declaration, returnByValue: true });
  return result.value;
}
