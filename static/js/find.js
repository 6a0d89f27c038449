// Looks for what is typed into a form with data-find while it is typed, and puts what was found where the page has it.
// The page is the same without it: then the form is sent.
(() => {
  const form = document.querySelector("form[data-find]");
  const found = document.getElementById("found");
  if (!form || !found) {
    return;
  }
  const PAUSE = 250;
  let timer;
  let asked = new AbortController();

  const look = async () => {
    asked.abort();
    asked = new AbortController();
    const url = new URL(form.action);
    url.search = new URLSearchParams(new FormData(form)).toString();
    try {
      const answer = await fetch(url, { signal: asked.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const news = page.getElementById("found");
      if (answer.ok && news) {
        found.replaceChildren(...news.childNodes);
      }
    } catch {
      // Another letter came meanwhile, or the network is away: the button still sends the form.
    }
  };

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });
  // A quick hand typed before this file had come.
  if ([...form.elements].some((field) => "defaultValue" in field && field.value !== field.defaultValue)) {
    look();
  }
})();
