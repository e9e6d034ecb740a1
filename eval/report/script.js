// Buttons of the systems: a pressed one stands out in every chart and table. Print opens all details.
(() => {
  "use strict";
  const buttons = [...document.querySelectorAll("[data-highlight]")];
  const highlight = () => {
    const chosen = new Set(
      buttons.filter((b) => b.getAttribute("aria-pressed") === "true").map((b) => b.dataset.highlight));
    document.body.toggleAttribute("data-highlighted", chosen.size > 0);
    for (const element of document.querySelectorAll("[data-system]")) {
      element.classList.toggle("highlighted", chosen.has(element.dataset.system));
    }
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      highlight();
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const button of buttons) button.setAttribute("aria-pressed", "false");
    highlight();
  });

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const element of closed) element.open = true;
  });
  addEventListener("afterprint", () => {
    for (const element of closed) element.open = false;
  });
})();
