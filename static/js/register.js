// Marks people without leaving the page. The line changes once the server’s own page says so; without it, all is a form.
(() => {
  // What a page says above its content, and the register itself: all that a mark changes.
  const show = (page) => {
    for (const told of document.querySelectorAll(".banners, .toasts")) {
      told.remove();
    }
    document.querySelector(".page-head").after(...page.querySelectorAll(".banners, .toasts"));
    document.querySelector("#attendees").replaceWith(page.querySelector("#attendees"));
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const button = event.submitter;
    if (form.id !== "register-form" || !button) {
      return;
    }
    event.preventDefault();
    const sent = new FormData(form, button);
    const line = button.closest("li").id;
    const isUndo = !button.dataset.mark;
    form.inert = true;
    button.closest("ul").inert = true;
    button.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, { method: "POST", body: sent });
      if (!answer.ok) {
        throw new Error(answer.status);
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      show(page);
      const mark = isUndo ? "present" : button.dataset.mark;
      document.querySelector(`#${line} [data-mark="${mark}"]`)?.focus({ preventScroll: true });
      document.querySelector('.banners [data-tone="danger"]')?.scrollIntoView({ block: "center" });
    } catch {
      // No answer, or one that says no: the browser asks itself, and shows what comes.
      document.querySelector("#attendees ul").inert = false;
      const value = document.createElement("input");
      Object.assign(value, { type: "hidden", name: button.name, value: button.value });
      form.append(value);
      form.submit();
    }
  });
})();
