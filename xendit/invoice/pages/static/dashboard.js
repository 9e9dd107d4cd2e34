// The dashboard with a script: it shows at once what happens, and lets the sandbox's clock tick.
// Without it the pages say and do the same, once they are loaded again.
"use strict";

(() => {
  // On a phone the tabs are wider than the screen: the one that is shown is brought into sight.
  const here = document.querySelector(".bar nav [aria-current]");
  here?.parentElement.scrollBy({ left: here.getBoundingClientRect().left - here.parentElement.getBoundingClientRect().left });

  const main = document.getElementById("main");
  if (!main || !main.dataset.live) return;

  // ---- the clock in the corner

  let shown = performance.now();
  const tick = () => {
    const corner = document.getElementById("now");
    const speed = Number(corner.dataset.speed);
    const moment = new Date(Date.parse(corner.dataset.now) + speed * (performance.now() - shown));
    corner.querySelector("time").textContent = `${moment.toISOString().slice(0, 19).replace("T", " ")} UTC`;
  };
  setInterval(tick, 500);

  // ---- what changed

  // The page is fetched as anyone sees it, and its parts are put in place of the old ones. What a person is busy
  // with stays: a field that has the focus or was changed, a part that was opened, the place on the page.
  let pressed = false;
  addEventListener("pointerdown", () => { pressed = true; });
  for (const name of ["pointerup", "pointercancel"]) {
    addEventListener(name, () => setTimeout(() => { pressed = false; if (missed) refresh(); }, 100));
  }
  const busy = () => {
    if (pressed) return true;
    if (main.querySelector("[aria-invalid]")) return true; // what was typed waits to be corrected
    const field = document.activeElement;
    if (field && main.contains(field) && /^(INPUT|SELECT|TEXTAREA)$/.test(field.tagName)) return true;
    for (const one of main.querySelectorAll("input:not([type=hidden])")) {
      if (one.type === "checkbox" ? one.checked !== one.defaultChecked : one.value !== one.defaultValue) return true;
    }
    return false;
  };

  // What has the focus is found again on the new page by what it is, not by where it stood.
  const like = (one) => {
    if (!one || !main.contains(one)) return null;
    const names = ["href", "name", "value", "data-testid", "id"].filter((name) => one.hasAttribute(name));
    const form = one.form ? `form[action="${CSS.escape(one.form.getAttribute("action"))}"] ` : "";
    return form + one.localName + names.map((name) => `[${name}="${CSS.escape(one.getAttribute(name))}"]`).join("");
  };

  let fetching = false;
  let missed = false;

  const refresh = async () => {
    if (fetching || document.hidden || busy()) {
      missed = true;
      return;
    }
    fetching = true;
    missed = false;
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("main");
      if (fresh && !busy()) {
        const open = [...main.querySelectorAll("details[open][id]")].map((one) => one.id);
        const focus = like(document.activeElement);
        for (const id of open) fresh.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
        const notice = main.querySelector(".notice[role]"); // said once, and not to be taken away at once
        if (notice) fresh.prepend(notice);
        main.replaceChildren(...fresh.childNodes);
        main.dataset.position = fresh.dataset.position;
        document.getElementById("now").replaceWith(page.getElementById("now"));
        shown = performance.now();
        if (focus) main.querySelector(focus)?.focus({ preventScroll: true });
      } else if (fresh) {
        missed = true; // a person became busy while it was fetched
      }
    } catch {
      missed = true; // the sandbox is gone; when it is back, the stream says so
    }
    fetching = false;
    if (missed) setTimeout(refresh, 250);
  };

  let stream = null;
  const listen = () => {
    if (document.hidden) {
      stream?.close(); // a browser has six connections to a server: a hidden page keeps none
      stream = null;
    } else if (!stream) {
      stream = new EventSource(main.dataset.live);
      stream.addEventListener("hello", (event) => {
        if (JSON.parse(event.data).position !== main.dataset.position) refresh();
      });
      const kinds = main.dataset.kinds.split(" ");
      for (const name of [...kinds, "delivery", "request", "clock", "fault", "reset"]) stream.addEventListener(name, refresh);
    }
  };
  listen();
  document.addEventListener("visibilitychange", listen);
  main.addEventListener("focusout", () => setTimeout(() => missed && refresh(), 200));
})();
