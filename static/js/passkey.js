// Hands each button that asks for a passkey to allauth's script, and says so when it was refused, unknown or cancelled.
(() => {
  for (const button of document.querySelectorAll("[data-passkey]")) {
    const { passkey, credential, passwordless } = button.dataset;
    const ids = { add: button.id, authenticate: button.id, login: button.id, credential, passwordless, data: "js_data" };
    window.allauth.webauthn.forms[`${passkey}Form`]({ ids });
  }
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    document.querySelector("[data-passkey-failed]").hidden = false;
  });
})();
