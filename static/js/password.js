// Puts a button at the end of each password, which shows it and hides it again.
(() => {
  const { show, hide, name } = document.currentScript.dataset;

  const add = (input) => {
    const wrapper = document.createElement("span");
    const button = document.createElement("button");
    wrapper.className = "password";
    button.type = "button";
    button.textContent = show;
    button.setAttribute("aria-label", name);
    button.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-controls", input.id);
    button.addEventListener("click", () => {
      const isShown = input.type === "password";
      input.type = isShown ? "text" : "password";
      button.textContent = isShown ? hide : show;
      button.setAttribute("aria-pressed", String(isShown));
      input.focus();
    });
    // Nobody's browser keeps as a text what was shown for a moment.
    input.form?.addEventListener("submit", () => {
      input.type = "password";
    });
    input.before(wrapper);
    wrapper.append(input, button);
  };

  document.querySelectorAll("input[type=password]").forEach(add);
})();
