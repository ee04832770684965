// Passkeys: asks the browser for one as the server says, and sends the browser's answer back in the page's form.
//   form[data-passkey="create" | "get"][data-options="…"]   options as JSON, binary parts in base64url
//   input[name=credential]                                  takes the answer
//   [data-passkey-ask]                                      button that asks again; shown when asking failed
//   [data-passkey-said="failed" | "known" | "missing"]      sentences, the fitting one is shown

const form = document.querySelector("form[data-passkey]");

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const described = (list) => (list ?? []).map((each) => ({ ...each, id: bytes(each.id) }));

function options() {
  const said = JSON.parse(form.dataset.options);
  const asked = { ...said, challenge: bytes(said.challenge) };
  if (said.user) asked.user = { ...said.user, id: bytes(said.user.id) };
  if (said.excludeCredentials) asked.excludeCredentials = described(said.excludeCredentials);
  if (said.allowCredentials) asked.allowCredentials = described(said.allowCredentials);
  return { publicKey: asked };
}

function answer(credential) {
  const { response } = credential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const given = parts.filter((name) => response[name]).map((name) => [name, text(response[name])]);
  const transports = response.getTransports ? { transports: response.getTransports() } : {};
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: { ...Object.fromEntries(given), ...transports },
  });
}

function say(what) {
  for (const sentence of form.querySelectorAll("[data-passkey-said]"))
    sentence.hidden = sentence.dataset.passkeySaid !== what;
  form.querySelector("[data-passkey-ask]").hidden = what !== "failed";
}

async function ask() {
  say("");
  try {
    const credential = await navigator.credentials[form.dataset.passkey](options());
    form.elements.credential.value = answer(credential);
    form.submit();
  } catch (error) {
    say(error.name === "InvalidStateError" ? "known" : "failed");
  }
}

if (form && !window.PublicKeyCredential) {
  say("missing");
} else if (form) {
  form.querySelector("[data-passkey-ask]").addEventListener("click", ask);
  ask();
}
