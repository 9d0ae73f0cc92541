// The portfolio: what an account has, from the API, with a key that stays in memory.
(() => {
  const form = document.querySelector("[data-portfolio]");
  if (!form) return;
  const account = document.querySelector("[data-account]"), said = document.querySelector("[data-said]");
  const put = (name, text) => (document.querySelector(`[data-put="${name}"]`).textContent = text);
  form.hidden = false;

  let key = "", timer;
  const ask = async (path, method = "GET", headers = {}) => {
    const answer = await fetch(path, {
      method, credentials: "omit", cache: "no-store",
      headers: { authorization: `Bearer ${key}`, ...headers },
    });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.detail || body.title);
    return body;
  };
  const element = (name, text, of = {}) => {
    const made = Object.assign(document.createElement(name), of);
    made.append(text);
    return made;
  };
  const link = (market, text) => element("a", text, { href: `/markets/${encodeURIComponent(market)}` });
  const shares = (text) => text + (text === "1" ? " share" : " shares");

  // One table: its rows, or the words that there are none.
  const table = (name, rows) => {
    const some = document.querySelector(`[data-some="${name}"]`);
    some.hidden = !rows.length;
    document.querySelector(`[data-none="${name}"]`).hidden = !!rows.length;
    some.querySelector("tbody").replaceChildren(...rows.map(([head, ...cells]) => {
      const row = element("tr", element("th", head, { scope: "row" }));
      row.append(...cells.map((cell) => element("td", cell)));
      return row;
    }));
  };

  const money = (text) => {
    const [whole, part = ""] = text.split(".");
    return whole.replace(/\B(?=(\d{3})+$)/g, ",") + "." + part.padEnd(2, "0");
  };
  // Exact: money is decimal strings, with six places at most.
  const micros = (text) => {
    const [whole, part = ""] = text.replace("-", "").split(".");
    return BigInt(whole + part.padEnd(6, "0")) * (text[0] === "-" ? -1n : 1n);
  };
  const decimal = (sum) => {
    const text = String(sum < 0n ? -sum : sum).padStart(7, "0");
    return (sum < 0n ? "-" : "") + text.slice(0, -6) + "." + text.slice(-6).replace(/0{1,4}$/, "");
  };

  const show = async () => {
    clearTimeout(timer);
    const [own, open, fills] = await Promise.all([
      ask("/v1/account"), ask("/v1/account/orders?status=open&limit=100"), ask("/v1/account/fills?limit=20"),
    ]);
    document.querySelector("[data-name]").textContent = own.name;
    put("available", money(own.cash.available));
    put("reserved", money(own.cash.reserved));
    put("worth", money(decimal(own.positions.reduce((sum, one) => sum + micros(one.value || "0"), 0n))));
    const time = document.querySelector('[data-put="as_of"]');
    time.dateTime = own.as_of;
    time.textContent = own.as_of.slice(0, 19).replace("T", " ") + " UTC";
    const questions = new Map(own.positions.map((one) => [one.market, one.question]));
    const market = (slug) => link(slug, questions.get(slug) || slug);
    table("positions", own.positions.map((one) => [
      market(one.market), one.outcome, one.shares.free, one.shares.reserved, money(one.cost),
      one.value ? money(one.value) : "–",
    ]));
    table("orders", open.data.map((one) => [
      market(one.market), `${one.side} ${one.contract} on ${one.outcome}`, one.price || "market",
      shares(one.remaining), one.filled, cancel(one),
    ]));
    table("fills", fills.data.map((one) => [
      market(one.market), `${one.side} ${one.contract} on ${one.outcome}`,
      one.at.slice(0, 19).replace("T", " ") + " UTC", one.price || "–", one.quantity, money(one.fee),
    ]));
    account.hidden = false;
    // Odds move without the account's doing: again in a while, unless nobody looks.
    timer = setTimeout(() => document.hidden || show().catch(failed), 10e3);
  };
  const cancel = (order) => {
    const button = element("button", "Cancel", { type: "button", className: "pause" });
    button.setAttribute("aria-label", `Cancel order ${order.id}`);
    button.onclick = () => {
      button.disabled = true;
      ask(`/v1/orders/${encodeURIComponent(order.id)}`, "DELETE").then(show).catch(failed);
    };
    return button;
  };
  const failed = (error) => {
    said.textContent = error instanceof TypeError ? "No answer for the moment; what is shown is the last known."
      : error.message[0].toUpperCase() + error.message.slice(1) + ".";
    clearTimeout(timer);
    timer = setTimeout(() => account.hidden || show().then(() => (said.textContent = "")).catch(failed), 10e3);
  };
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && key && !account.hidden) show().catch(failed);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    key = form.elements.key.value.trim();
    said.textContent = key ? "" : "An API key is needed.";
    account.hidden = true;
    if (key) show().catch(failed);
  });
})();
