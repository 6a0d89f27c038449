// Shows a colour while it is chosen; without it, "Preview" does. Beside the field for a colour of one's own it puts the
// browser's picker.
(() => {
  const form = document.querySelector("[data-branding]");
  const own = form?.querySelector("[data-colour]");
  const previews = document.querySelectorAll("[data-preview] [data-accent]");
  if (!own || !previews.length) {
    return;
  }
  const COLOUR = /^#?([0-9a-f]{6})$/i;
  const picker = Object.assign(document.createElement("input"), { type: "color" });
  picker.setAttribute("aria-label", own.dataset.colour);
  picker.className = "picker-of-colour";
  own.after(picker);

  const load = (colour) => {
    const href = form.dataset.colours.replace("000000", colour.slice(1));
    if (!document.querySelector(`link[href="${href}"]`)) {
      document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
    }
  };
  const show = () => {
    const chosen = form.querySelector("[name=accent]:checked")?.value;
    const typed = COLOUR.exec(own.value.trim());
    const colour = chosen === "own" ? typed && `#${typed[1].toLowerCase()}` : chosen;
    if (typed) {
      picker.value = `#${typed[1].toLowerCase()}`;
    }
    if (!colour) {
      return;
    }
    if (colour.startsWith("#")) {
      load(colour);
    }
    previews.forEach((each) => (each.dataset.accent = colour));
  };
  const chooseOwn = () => {
    form.querySelector("[name=accent][value=own]").checked = true;
    show();
  };
  picker.addEventListener("input", () => {
    own.value = picker.value;
    chooseOwn();
  });
  own.addEventListener("input", chooseOwn);
  form.addEventListener("change", show);
  // A quick hand typed before this file had come; if another button was pressed since, that one is meant.
  const pressed = form.querySelector("[name=accent]:checked");
  if (own.value !== own.defaultValue && (!pressed || pressed.defaultChecked)) {
    chooseOwn();
  } else {
    show();
  }
})();
