// Passkeys: a form names the ceremony in data-passkey ("create" or "get") and carries the options as JSON; its button
// runs the ceremony, puts the authenticator's answer into the field "credential" and sends the form.
"use strict";

function bytes(text) {
  const base64 = text.replace(/-/g, "+").replace(/_/g, "/");
  return Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
}

function text(buffer) {
  const signs = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(signs).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function publicKey(options) {
  const found = { ...options, challenge: bytes(options.challenge) };
  if (options.user) found.user = { ...options.user, id: bytes(options.user.id) };
  for (const name of ["excludeCredentials", "allowCredentials"]) {
    if (options[name]) found[name] = options[name].map((one) => ({ ...one, id: bytes(one.id) }));
  }
  return found;
}

function answer(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return JSON.stringify({
    id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

async function run(form) {
  const options = { publicKey: publicKey(JSON.parse(form.dataset.options)) };
  const credential = form.dataset.passkey === "create"
    ? await navigator.credentials.create(options) : await navigator.credentials.get(options);
  form.elements.credential.value = answer(credential);
  form.submit();
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const failed = form.querySelector("[data-passkey-failed]");
  if (window.PublicKeyCredential) form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    failed.hidden = true;
    run(form).catch(() => { failed.hidden = false; failed.focus(); });
  });
}
