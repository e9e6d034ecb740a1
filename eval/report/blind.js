// Keys 1, 2 and 0 press the buttons.
(() => {
  "use strict";
  let chosen = false;
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.repeat || chosen) return;
    const button = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!button) return;
    chosen = true;
    button.click();
  });
})();
