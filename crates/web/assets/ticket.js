// The order ticket: quotes as one types, and places the order with a key that stays in memory.
(() => {
  const form = document.querySelector("[data-ticket]");
  if (!form) return;
  const field = form.elements, market = form.dataset.slug;
  const put = (name, text) => (form.querySelector(`[data-q="${name}"]`).textContent = text);
  const refusal = form.querySelector("[data-refusal]"), result = form.querySelector("[data-result]");
  const halts = form.querySelector("[data-halts]");
  form.hidden = false;
  document.querySelector("[data-plain]").hidden = true;

  const order = () => {
    const price = field.price.value.trim();
    return {
      market, outcome: field.outcome.value, contract: field.contract?.value || "yes",
      side: field.side.value, type: price ? "limit" : "market", ...(price && { price }),
      quantity: field.quantity.value.trim(), time_in_force: field.time_in_force.value,
    };
  };
  const post = (path, body, headers) => fetch(path, {
    method: "POST", body, credentials: "omit", cache: "no-store",
    headers: { "content-type": "application/json", ...headers },
  }).then((answer) => answer.json());

  // A quote a quarter of a second after the last key; an answer to an older question is dropped.
  let timer, asked = 0;
  const quote = async () => {
    const mine = ++asked, body = order();
    curl(body);
    const buys = body.side === "buy";
    put("amount-word", buys ? "Cost" : "Proceeds");
    put("total-word", buys ? "You pay" : "You receive");
    if (!body.quantity) return show({}, "");
    try {
      const answer = await post("/v1/quotes", JSON.stringify(body));
      if (mine === asked) show(answer, answer.code ? answer.detail || answer.title : "", body);
    } catch {
      if (mine === asked) show({}, "No quote for the moment.");
    }
  };
  const show = (quote, words, body) => {
    refusal.textContent = words && words[0].toUpperCase() + words.slice(1);
    const has = !words && quote.quantity !== undefined;
    const shares = (text) => text + (text === "1" ? " share" : " shares");
    put("filled", has ? shares(quote.quantity) : "–");
    put("average", (has && quote.average_price) || "–");
    put("amount", has ? quote.amount : "–");
    put("fee", has ? quote.fee : "–");
    put("total", has ? quote.total : "–");
    put("rests", has ? shares(quote.rests) : "–");
    put("after", has ? percent(quote.odds_after[body.outcome]) : "–");
    const swing = has && quote.would_halt;
    if (halts) halts.hidden = !swing;
    if (halts && swing) halts.textContent = halting(swing);
  };
  // With a decimal place: whole percentages could hide that a move is too far.
  const tenths = (odds) => (Math.round(odds * 1e3) / 10).toFixed(1) + " %";
  const halting = ({ outcome, from, to, seconds }) => {
    const name = form.querySelector(`[name=outcome][value="${outcome}"]`).parentElement.textContent.trim();
    const time = seconds ? `in ${seconds} second${seconds === 1 ? "" : "s"}` : "within a second";
    return `This order would halt the market: ${name} would go from ${tenths(from)} to ${tenths(to)} ${time}; ` +
      `${halts.dataset.band}. What fills stays. Nobody trades until an operator lets the market go on.`;
  };
  const percent = (odds) => {
    if (odds == null) return "–";
    const n = Math.round(odds * 1e6), low = Math.floor(n / 1e4), rest = n % 1e4;
    return n > 0 && n < 1e4 ? "<1 %" : n > 99e4 && n < 1e6 ? ">99 %" :
      low + (rest > 5e3 || (rest === 5e3 && low % 2) ? 1 : 0) + " %";
  };
  const curl = (body) => {
    form.querySelector("[data-curl]").textContent = [
      `curl ${location.origin}/v1/orders \\`,
      `  -H "Authorization: Bearer $TIDINGS_KEY" \\`,
      `  -H "Idempotency-Key: $(uuidgen)" \\`,
      `  --json '${JSON.stringify(body).replaceAll("'", "'\\''")}'`,
    ].join("\n");
  };
  form.addEventListener("input", (event) => {
    if (event.target.name === "key") return;
    clearTimeout(timer);
    timer = setTimeout(quote, 250);
  });

  // The same order asked again after an answer that never came is the same request.
  let open;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = JSON.stringify(order()), key = field.key.value.trim();
    const button = form.querySelector("[type=submit]");
    if (!key) return (result.textContent = "An API key is needed."), field.key.focus();
    if (open?.body !== body) open = { body, key: crypto.getRandomValues(new Uint32Array(4)).join("-") };
    button.disabled = true;
    result.textContent = "Sending.";
    try {
      const answer = await post("/v1/orders", body, {
        authorization: `Bearer ${key}`, "idempotency-key": open.key,
      });
      if (answer.retry !== "safe") open = null;
      const done = answer.order;
      result.textContent = done
        ? `Order ${done.id}: ${done.status}. Filled ${done.filled} for ${done.amount}, fee ${done.fee}` +
          `; ${done.remaining} rests.`
        : `Refused: ${answer.detail || answer.title}.`;
    } catch {
      result.textContent = "No answer. It may or may not have happened: press again to find out.";
    }
    button.disabled = false;
    quote();
  });
  quote();
})();
