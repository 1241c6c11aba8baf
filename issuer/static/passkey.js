// Talks to the passkey of the browser, and hands its answer to the form that is there. Nothing else is scripted here.
"use strict";
(() => {
  const form = document.getElementById("passkey");
  const fault = document.getElementById("fault");
  const button = form.querySelector("button");
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const enrols = form.dataset.purpose === "enrol";

  function asked() {
    const options = JSON.parse(form.dataset.options);
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    for (const list of [options.excludeCredentials, options.allowCredentials])
      for (const each of list || []) each.id = bytes(each.id);
    return { publicKey: options };
  }

  function told(credential) {
    const response = credential.response;
    const answer = { clientDataJSON: text(response.clientDataJSON) };
    if (enrols) {
      answer.attestationObject = text(response.attestationObject);
    } else {
      answer.authenticatorData = text(response.authenticatorData);
      answer.signature = text(response.signature);
      answer.userHandle = response.userHandle ? text(response.userHandle) : null;
    }
    return {
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      clientExtensionResults: {},
      response: answer,
    };
  }

  if (!window.PublicKeyCredential) {
    fault.textContent = form.dataset.unknown;
    fault.hidden = false;
    return;
  }
  button.disabled = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    fault.hidden = true;
    try {
      const credentials = navigator.credentials;
      const credential = await (enrols ? credentials.create(asked()) : credentials.get(asked()));
      form.elements.answer.value = JSON.stringify(told(credential));
      form.submit();
    } catch (error) {
      fault.textContent = form.dataset.failed;
      fault.hidden = false;
      fault.focus();
    }
  });
})();
