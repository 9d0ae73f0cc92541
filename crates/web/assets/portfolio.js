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
  const grouped = (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const number = (text) => text.replace(/^\d+/, grouped);
  // Two places, to the nearest, as on every page; exact amounts are the API's, decimal strings of six places at most.
  const micros = (text) => {
    const [whole, part = ""] = text.replace("-", "").split(".");
    return BigInt(whole + part.padEnd(6, "0")) * (text[0] === "-" ? -1n : 1n);
  };
  const money = (sum) => {
    const cents = String(((sum < 0n ? -sum : sum) + 5000n) / 10000n).padStart(3, "0");
    return (sum < 0n ? "-" : "") + grouped(cents.slice(0, -2)) + "." + cents.slice(-2);
  };

  // What a share cost on the way along the maker's curve, or of a set: to four places, as trades are told.
  const average = (one) => {
    const amount = micros(one.amount), size = (amount < 0n ? -amount : amount) * 1000000n;
    const each = String(size / micros(one.quantity) + 50n).padStart(7, "0");
    return (amount < 0n ? "-" : "") + each.slice(0, -6) + "." + each.slice(-6, -2);
  };
  // Questions and names of outcomes, which what an account has tells by their keys. They do not change any more.
  const known = new Map();
  const learn = (slugs) => Promise.all([...new Set(slugs)].filter((slug) => !known.has(slug)).slice(0, 40)
    .map(async (slug) => {
      const told = await ask(`/v1/markets/${encodeURIComponent(slug)}`).catch(() => null);
      if (told) known.set(slug, { question: told.question, names: new Map(told.outcomes.map((one) => [one.key, one.name])) });
    }));

  // Figures of a column have as many places as the longest of them: their points stand below each other.
  const align = (rows) => {
    const places = (cell) => (/^-?[\d,]+(\.\d+)?$/.test(cell) ? (cell.split(".")[1] || "").length : -1);
    const most = (rows[0] || []).map((_, ix) => Math.max(...rows.map((row) => places(row[ix]))));
    const padded = (cell, to) => cell + (places(cell) || !to ? "" : ".") + "0".repeat(to - places(cell));
    return rows.map((row) => row.map((cell, ix) => (places(cell) < 0 ? cell : padded(cell, most[ix]))));
  };
  // One table: its rows, or the words that there are none. On a phone a cell has its column's name with it.
  const table = (name, rows) => {
    const some = document.querySelector(`[data-some="${name}"]`);
    some.hidden = !rows.length;
    document.querySelector(`[data-none="${name}"]`).hidden = !!rows.length;
    const names = [...some.querySelectorAll("thead th")].map((one) => one.textContent);
    some.querySelector("tbody").replaceChildren(...align(rows).map(([head, ...cells]) => {
      const row = element("tr", element("th", head, { scope: "row", role: "rowheader" }), { role: "row" });
      row.append(...cells.map((cell, ix) => {
        const made = element("td", cell, { role: "cell" });
        if (typeof cell === "string") made.dataset.column = names[ix + 1];
        return made;
      }));
      return row;
    }));
  };

  const show = async () => {
    clearTimeout(timer);
    const [own, open, fills] = await Promise.all([
      ask("/v1/account"), ask("/v1/account/orders?status=open&limit=100"), ask("/v1/account/fills?limit=20"),
    ]);
    document.querySelector("[data-name]").textContent = own.name;
    put("available", money(micros(own.cash.available)));
    put("reserved", money(micros(own.cash.reserved)));
    put("worth", money(own.positions.reduce((sum, one) => sum + micros(one.value || "0"), 0n)));
    const time = document.querySelector('[data-put="as_of"]');
    time.dateTime = own.as_of;
    time.textContent = own.as_of.slice(0, 19).replace("T", " ") + " UTC";
    await learn([...own.positions, ...open.data, ...fills.data].map((one) => one.market));
    const market = (slug) => link(slug, known.get(slug)?.question || slug);
    const outcome = (one) => known.get(one.market)?.names.get(one.outcome) || one.outcome;
    // "buy Nara", or "buy no on Nara".
    const done = (one) => `${one.side} ${one.contract === "no" ? "no on " : ""}${outcome(one)}`;
    table("positions", own.positions.map((one) => [
      market(one.market), outcome(one), number(one.shares.free), number(one.shares.reserved),
      money(micros(one.cost)), one.value ? money(micros(one.value)) : "–",
    ]));
    table("orders", open.data.map((one) => [
      market(one.market), done(one), one.price || "market",
      number(one.remaining), number(one.filled), cancel(one),
    ]));
    table("fills", fills.data.map((one) => [
      market(one.market), done(one),
      one.at.slice(0, 19).replace("T", " ") + " UTC", one.price || average(one), number(one.quantity),
      money(micros(one.fee)),
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
