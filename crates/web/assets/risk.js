// What the sponsor would lose by outcome, as it is now. It comes from the public API, which takes no cookie: a page that
// is left open keeps nobody signed in.
(() => {
  const table = document.querySelector("[data-risk]");
  if (!table) return;
  const path = `/v1/markets/${encodeURIComponent(table.dataset.risk)}`;
  const micros = (text) => {
    const [whole, part = ""] = text.replace("-", "").split(".");
    return BigInt(whole + part.padEnd(6, "0")) * (text[0] === "-" ? -1n : 1n);
  };
  // Two places, to the nearest, as the server writes them.
  const money = (sum) => {
    const cents = String((sum + 5000n) / 10000n).padStart(3, "0");
    return cents.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",") + "." + cents.slice(-2);
  };
  // Whole per cents, halves to the even one.
  const percent = (n) => {
    const low = Math.floor(n / 1e4), rest = n % 1e4;
    return n > 0 && n < 1e4 ? "<1 %" : n > 99e4 && n < 1e6 ? ">99 %" :
      low + (rest > 5e3 || (rest === 5e3 && low % 2) ? 1 : 0) + " %";
  };
  const paint = (market) => {
    const lost = Object.values(market.worst_case).map(micros);
    const worst = lost.reduce((one, other) => (other > one ? other : one), 0n);
    for (const outcome of market.outcomes) {
      const row = table.querySelector(`[data-outcome="${CSS.escape(outcome.key)}"]`);
      if (!row) continue;
      row.querySelector("[data-odds]").textContent = outcome.odds == null ? "–" : percent(Math.round(outcome.odds * 1e6));
      const cell = row.querySelector("[data-loss]");
      if (!cell) continue;
      const loss = micros(market.worst_case[outcome.key]), isWorst = loss === worst && worst > 0n;
      cell.textContent = loss < 0n ? `gains ${money(-loss)}` : `loses ${money(loss)}`;
      cell.classList.toggle("worst", isWorst);
      if (isWorst) cell.append(Object.assign(document.createElement("span"), { className: "quiet", textContent: " the worst" }));
    }
    const most = document.querySelector("[data-most]");
    if (most) most.textContent = money(micros(market.subsidy));
  };

  let asking = false, newest = 0, painted = 0;
  const renew = async () => {
    if (asking || document.hidden) return;
    asking = true;
    try {
      const answer = await fetch(path, { credentials: "omit", cache: "no-store" });
      if (answer.ok) {
        const market = await answer.json();
        painted = market.seq;
        paint(market);
      }
    } catch {
      // The server is away, or the line is: what stands there stays, and is asked for again.
    }
    asking = false;
    // So is what came meanwhile, a second later.
    if (newest > painted) setTimeout(renew, 1000);
  };
  new EventSource(`${path}/events`).addEventListener("odds", (event) => {
    newest = Math.max(newest, JSON.parse(event.data).seq);
    if (newest > painted) renew();
  });
  document.addEventListener("visibilitychange", renew);
})();
