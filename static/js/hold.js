// Counts down how long a basket is held, and asks again when the time is up. The page is true without it.
(() => {
  const line = document.querySelector("[data-hold]");
  if (!line) {
    return;
  }
  const left = line.querySelector("[data-left]");
  const said = document.querySelector("[data-hold-said]");
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  // The server's word for how long, by this clock: the two need not agree on the time.
  const end = Date.now() + Number(line.dataset.hold) * 1000;
  const ahead = [5, 1];
  const MINUTE = 60;

  const words = (unit, count) =>
    new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, unitDisplay: "long" }).format(count);

  const show = (seconds) => {
    const minutes = Math.ceil(seconds / MINUTE);
    const text = seconds < MINUTE && !calm.matches ? words("second", seconds) : words("minute", minutes);
    if (left.textContent !== text) {
      left.textContent = text;
    }
    line.toggleAttribute("data-soon-over", minutes <= 5);
    // Somebody who listens is told twice, not every second.
    const passed = ahead.filter((each) => minutes <= each);
    if (passed.length) {
      ahead.splice(0, passed.length);
      said.textContent = line.dataset.soon.replace("{time}", words("minute", minutes));
    }
  };

  const tick = () => {
    const seconds = Math.ceil((end - Date.now()) / 1000);
    if (seconds <= 0) {
      clearInterval(timer);
      // Not a reload: the page may be the answer to a form.
      location.replace(line.dataset.url);
      return;
    }
    show(seconds);
  };

  const timer = setInterval(tick, 1000);
  document.addEventListener("visibilitychange", tick);
  // Back from the checkout the browser may show the page as it was.
  addEventListener("pageshow", (event) => {
    if (event.persisted) {
      location.replace(line.dataset.url);
    }
  });
  tick();
})();
