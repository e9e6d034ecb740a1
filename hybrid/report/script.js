"use strict";
// Fields, alternatives and boxes carry `data-keys`; those that share a key light up together.
(() => {
  const pages = document.getElementById("pages");
  const linked = [...document.querySelectorAll("[data-keys]")];
  const keysOf = (element) => element.dataset.keys.split(" ");
  const isBox = (element) => element.classList.contains("box");
  const controlOf = (element) => (isBox(element) ? element : element.querySelector(".name"));

  const byKey = new Map();
  for (const element of linked) {
    for (const key of keysOf(element)) {
      if (!byKey.has(key)) byKey.set(key, []);
      byKey.get(key).push(element);
    }
  }
  const withKeys = (keys) => new Set(keys.flatMap((key) => byKey.get(key)));

  // What is under the pointer, what has the focus, and what is pinned: keys, or none.
  let hovered = [];
  let focused = [];
  let pinned = [];
  let lit = new Set();
  let held = new Set();

  const change = (before, after, apply) => {
    for (const element of before) if (!after.has(element)) apply(element, false);
    for (const element of after) if (!before.has(element)) apply(element, true);
    return after;
  };

  const show = () => {
    const current = hovered.length ? hovered : focused;
    lit = change(lit, withKeys([...pinned, ...current]), (element, on) =>
      element.classList.toggle("lit", on));
    held = change(held, withKeys(pinned), (element, on) => {
      element.classList.toggle("pinned", on);
      controlOf(element)?.setAttribute("aria-pressed", String(on));
    });
    pages.classList.toggle("has-lit", lit.size > 0);
  };

  // Brings the other end of a link into view; long ways are jumped, short ones glide.
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const reveal = (source) => {
    const target = [...withKeys(keysOf(source))].find(
      (element) => isBox(element) !== isBox(source) && element.getClientRects().length);
    if (!target) return;
    const place = target.getBoundingClientRect();
    const pane = target.closest("#pages, #fields").getBoundingClientRect();
    const top = Math.max(pane.top, 0) + 48;
    const bottom = Math.min(pane.bottom, innerHeight) - 16;
    if (place.top >= top && place.bottom <= bottom) return;
    const far = Math.abs(place.top - top) > 2 * innerHeight;
    target.scrollIntoView({
      block: isBox(target) ? "center" : "nearest",
      inline: "nearest",
      behavior: far || still.matches ? "instant" : "smooth",
    });
  };

  const closestLinked = (node) => node.closest?.("[data-keys]") ?? null;
  let waiting = 0;
  document.addEventListener("mouseover", (event) => {
    const element = closestLinked(event.target);
    const keys = element ? keysOf(element) : [];
    if (keys.join() === hovered.join()) return;
    hovered = keys;
    clearTimeout(waiting);
    show();
    // A pointer that only passes over the list must not make the pages jump.
    if (element) waiting = setTimeout(() => reveal(element), 150);
  });
  document.documentElement.addEventListener("mouseleave", () => {
    clearTimeout(waiting);
    hovered = [];
    show();
  });
  document.addEventListener("focusin", (event) => {
    const element = closestLinked(event.target);
    focused = element ? keysOf(element) : [];
    show();
    if (element) reveal(element);
  });
  document.addEventListener("focusout", () => {
    focused = [];
    show();
  });

  const pin = (element) => {
    const keys = keysOf(element);
    pinned = keys.join() === pinned.join() ? [] : keys;
    show();
    reveal(element);
  };
  document.addEventListener("click", (event) => {
    const element = closestLinked(event.target);
    // Opening details and marking text to copy it are not pinning.
    if (!element || event.target.closest("summary") || String(getSelection())) return;
    pin(element);
  });

  const names = () => [...document.querySelectorAll(".field:not(.filtered) > .row > .name")];
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      clearTimeout(waiting);
      hovered = focused = pinned = [];
      show();
      return;
    }
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const element = closestLinked(event.target);
    if (element && isBox(element) && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      pin(element);
      return;
    }
    const list = names();
    const index = list.indexOf(event.target);
    if (index < 0) return;
    const last = list.length - 1;
    const next = {
      ArrowDown: Math.min(index + 1, last),
      ArrowUp: Math.max(index - 1, 0),
      Home: 0,
      End: last,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    hovered = [];
    list[next].focus();
  });

  // Filter: the chosen statuses, or all where none is chosen.
  const filters = [...document.querySelectorAll("[data-filter]")];
  const fields = [...document.querySelectorAll(".field")];
  const shown = document.getElementById("shown");
  const filter = () => {
    const chosen = new Set(
      filters.filter((f) => f.getAttribute("aria-pressed") === "true").map((f) => f.dataset.filter));
    const visible = new Set();
    for (const field of fields) {
      const keep = chosen.size === 0 || chosen.has(field.dataset.status);
      field.classList.toggle("filtered", !keep);
      if (keep) visible.add(field.dataset.keys);
    }
    for (const group of document.querySelectorAll(".group")) {
      group.classList.toggle("filtered", !group.querySelector(".field:not(.filtered)"));
    }
    for (const box of linked.filter(isBox)) {
      const keep = keysOf(box).some((key) => visible.has(key.replace(/a\d+$/, "")));
      box.classList.toggle("filtered", !keep);
    }
    shown.textContent = `${visible.size} of ${fields.length} fields shown`;
  };
  for (const button of filters) {
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      filter();
    });
  }

  let zoom = 1;
  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => {
      const step = Number(button.dataset.zoom);
      zoom = step === 0 ? 1 : Math.min(4, Math.max(0.4, zoom * 1.25 ** step));
      pages.style.setProperty("--zoom", String(zoom));
    });
  }
  document.getElementById("jump")?.addEventListener("change", (event) => {
    document.getElementById(event.target.value)?.scrollIntoView({ behavior: "instant" });
    event.target.value = "";
  });
})();
