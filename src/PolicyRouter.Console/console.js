// Comfort only: every page works without it. Shortcuts are off until somebody switches them on in this browser (WCAG 2.1.4).
(() => {
  "use strict";
  for (const time of document.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) {
      time.title = at.toLocaleString() + " here";
    }
  }

  const setting = "policyrouter-shortcuts";
  const isOn = () => localStorage.getItem(setting) === "on";
  const footer = document.querySelector("footer");
  if (footer) {
    const toggle = document.createElement("button");
    const show = () => {
      toggle.textContent = isOn() ? "Shortcuts are on: / search, j and k rows, e export, ? help. Switch off" : "Switch keyboard shortcuts on";
      toggle.setAttribute("aria-pressed", String(isOn()));
    };
    toggle.type = "button";
    toggle.addEventListener("click", () => {
      localStorage.setItem(setting, isOn() ? "off" : "on");
      show();
    });
    show();
    footer.append(toggle);
  }

  const rows = () => [...document.querySelectorAll("#decisions tbody a")];
  const step = (by) => {
    const links = rows();
    const next = links.indexOf(document.activeElement) + by;
    links[Math.min(Math.max(next, 0), links.length - 1)]?.focus();
  };
  const actions = {
    "/": () => document.getElementById("text")?.focus(),
    j: () => step(1),
    k: () => step(-1),
    e: () => document.querySelector("#export button")?.focus(),
    "?": () => {
      const help = document.getElementById("search-help");
      if (help) {
        help.open = !help.open;
        help.querySelector("summary").focus();
      }
    },
  };
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.matches("input, textarea, select");
    if (isOn() && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey && Object.hasOwn(actions, event.key)) {
      event.preventDefault();
      actions[event.key]();
    }
  });
})();
