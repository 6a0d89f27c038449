// Buttons for one ticket more or fewer, and what is chosen costs together. Without it the numbers are typed.
(() => {
  const form = document.getElementById("tickets");
  if (!form) {
    return;
  }
  const total = form.querySelector("[data-total]");
  const controls = [...form.querySelectorAll("input[type=number], input[type=checkbox]")];
  const price = new Intl.NumberFormat(document.documentElement.lang, {
    style: "currency",
    currency: form.dataset.currency,
    minimumFractionDigits: Math.round(Math.log10(form.dataset.minorUnits)),
  });

  const chosen = (control) =>
    control.type === "checkbox" ? Number(control.checked) : Math.max(0, Math.trunc(Number(control.value)) || 0);

  const show = () => {
    let sum = 0;
    let isSure = true;
    for (const control of controls) {
      const count = chosen(control);
      sum += count * Number(control.dataset.amount ?? 0);
      // A discount may be for one of them only: the next page has worked it out.
      isSure &&= count < 2 || !("discounted" in control.dataset);
      for (const button of control.parentElement.querySelectorAll("[data-step]")) {
        const isMore = button.dataset.step > 0;
        button.disabled = isMore ? count >= Number(control.max) : count <= 0;
      }
    }
    total.textContent = sum && isSure ? `· ${price.format(sum / Number(form.dataset.minorUnits))}` : "";
  };

  const step = (button) => {
    const control = button.parentElement.querySelector("input");
    const wanted = chosen(control) + Number(button.dataset.step);
    control.value = Math.min(Math.max(wanted, 0), Number(control.max));
    show();
    if (button.disabled) {
      control.focus({ preventScroll: true });
    }
  };

  for (const stepper of form.querySelectorAll(".stepper")) {
    stepper.toggleAttribute("data-works", true);
  }
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (button) {
      step(button);
    }
  });
  form.addEventListener("input", show);
  // Back from the next page, the browser may have filled in what was chosen.
  addEventListener("pageshow", show);
  show();
})();
