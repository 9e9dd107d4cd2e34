// The payment page with a script: the time that is left, copying, and showing at once what happened elsewhere.
// Without it the page says and does the same, once it is loaded again.
"use strict";

(() => {
  const main = document.querySelector("main[data-status]");
  const countdown = document.querySelector(".countdown");

  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    const label = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = label; }, 2000);
    });
  }

  if (!main || !countdown) return;

  // The sandbox's clock may stand still, jump or run fast: each answer says how long is left by that clock, and
  // two answers say how fast it runs.
  let left = Number(countdown.dataset.left);
  let speed = 1;
  let before = 1;
  let asked = performance.now();

  const two = (number) => String(number).padStart(2, "0");
  const show = () => {
    const now = Math.max(0, Math.floor(left - (speed * (performance.now() - asked)) / 1000));
    const days = Math.floor(now / 86400);
    const clock = [Math.floor(now / 3600) % 24, Math.floor(now / 60) % 60, now % 60].map(two).join(":");
    const text = days ? `${days}d ${clock}` : clock;
    if (countdown.textContent !== text) countdown.textContent = text;
    countdown.classList.toggle("soon", now < 300);
  };

  const ask = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(main.dataset.statusUrl, { cache: "no-store" });
      if (!answer.ok) return;
      const { status, seconds_left: seconds } = await answer.json();
      if (status !== main.dataset.status) {
        const paid = status === "PAID" || status === "SETTLED";
        const after = new URL(location.href);
        after.searchParams.delete("channel");
        after.searchParams.set("done", paid ? "paid" : "expired");
        location.replace(after); // and from there to the shop, as when the payer had pressed the button here
        return;
      }
      const now = performance.now();
      const measured = (left - seconds) / ((now - asked) / 1000);
      const slower = Math.min(measured, before); // one jump is no speed
      speed = slower < 0.5 ? 0 : slower < 2 ? 1 : slower;
      before = measured;
      left = seconds;
      asked = now;
    } catch {
      // The sandbox is gone or starting again; the next turn asks again.
    }
  };

  show();
  setInterval(show, 250);
  setInterval(ask, 1500);
  document.addEventListener("visibilitychange", ask);
})();
