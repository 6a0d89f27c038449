// Says what a form means while it is typed: sends it as the button *Show what it means* does, and takes the sentence.
// The page is the same without it: then the button is pressed.
(() => {
  const button = document.querySelector('button[name="show"][form]');
  const form = button?.form;
  if (!form) {
    return;
  }
  const PAUSE = 300;
  let timer;
  let asked = new AbortController();

  const show = async () => {
    asked.abort();
    asked = new AbortController();
    try {
      const body = new FormData(form, button);
      const answer = await fetch(form.action, { method: "POST", body, signal: asked.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const said = page.querySelector("#meaning .stack");
      if (said) {
        document.querySelector("#meaning .stack").replaceChildren(...said.childNodes);
      }
    } catch {
      // Another letter came meanwhile, or the network is away: the button still says it.
    }
  };

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE);
  });
  // A quick hand typed before this file had come.
  if ([...form.elements].some((field) => "defaultValue" in field && field.value !== field.defaultValue)) {
    show();
  }
})();
