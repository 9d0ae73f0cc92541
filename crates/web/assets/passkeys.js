// Passkeys: asks the server what to ask the browser for, and sends what that answers as the form that it stands in.
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const named = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));

  // What the server says, with bytes where the browser wants bytes; and the same the other way.
  const asked = (options) => ({
    ...options,
    challenge: bytes(options.challenge),
    ...(options.user && { user: { ...options.user, id: bytes(options.user.id) } }),
    excludeCredentials: named(options.excludeCredentials),
    allowCredentials: named(options.allowCredentials),
  });
  const answered = ({ id, rawId, type, response }) => {
    const told = {};
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
      if (response[part]) told[part] = text(response[part]);
    return JSON.stringify({ id, rawId: text(rawId), type, response: told });
  };
  const why = (error) => ({
    NotAllowedError: "No passkey was chosen, or it took too long.",
    InvalidStateError: "That device has a passkey for this account already.",
    AbortError: "No passkey was chosen.",
  })[error.name] || "This browser cannot use a passkey here.";

  // Another machine's localhost is not where the server is.
  const leads = (origin) =>
    origin.startsWith("https:") || /^(127\.[\d.]+|\[::1\]|(.+\.)?localhost)$/.test(location.hostname);

  for (const form of document.querySelectorAll("[data-passkey]")) {
    const plain = form.parentElement.querySelector("[data-plain]");
    if (!window.PublicKeyCredential) continue;
    if (location.origin !== form.dataset.origin) {
      const elsewhere = form.parentElement.querySelector("[data-elsewhere]");
      if (elsewhere) elsewhere.hidden = !leads(form.dataset.origin);
      if (plain) plain.textContent = `Passkeys are for pages at ${form.dataset.origin}, and this one came from ${location.origin}.`;
      continue;
    }
    const said = form.querySelector("[data-said]"), button = form.querySelector("button"), fields = form.elements;
    form.hidden = false;
    if (plain) plain.hidden = true;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      said.hidden = true;
      try {
        const body = new URLSearchParams(fields.password ? { password: fields.password.value } : {});
        const answer = await fetch(form.dataset.ask, { method: "POST", body, cache: "no-store", redirect: "error" });
        const told = await answer.json();
        if (!answer.ok) throw new Error(told.refused);
        const publicKey = asked(told.publicKey);
        const given = form.dataset.passkey === "create"
          ? await navigator.credentials.create({ publicKey })
          : await navigator.credentials.get({ publicKey });
        fields.attempt.value = told.attempt;
        fields.answer.value = answered(given);
        if (fields.password) fields.password.value = "";
        form.submit();
      } catch (error) {
        said.textContent = error instanceof DOMException ? why(error)
          : error instanceof TypeError ? "The server did not answer. Load the page again." : error.message;
        said.hidden = false;
        button.disabled = false;
      }
    });
  }
})();
