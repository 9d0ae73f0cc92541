// Live odds: upgrades what the server rendered. Without it, everything can still be read.
// One stream for all the cards in view; nothing is stored; no credentials; no HTML from text.
(() => {
  if (customElements.get("live-odds")) return;
  const origin = new URL(document.currentScript.src).origin;
  const roots = new Set(), inView = new Set();
  let stream, wanted = "", timer, retry, tries = 0, newest = 0;

  // Cards of one root: the document, or the shadow of one element.
  const cards = (root) => root.node.querySelectorAll("[data-market]");
  const all = (each) => roots.forEach((root) => cards(root).forEach((card) => each(card, root)));
  const look = new IntersectionObserver((entries) => {
    for (const e of entries) e.isIntersecting ? inView.add(e.target) : inView.delete(e.target);
    plan(250);
  });

  // The stream follows what can be seen: none in a hidden tab or out of view.
  const plan = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(connect, wait);
  };
  const connect = () => {
    const names = new Set();
    let own = "";
    all((card, root) => {
      if (document.hidden || root.paused || !inView.has(card)) return;
      if (root.events) own = root.events;
      else names.add(card.dataset.market);
    });
    const url = own || (names.size && "/embed/v1/events?markets=" + [...names].sort().join()) || "";
    if (url === wanted && (stream || !url)) return;
    wanted = url;
    clearTimeout(retry);
    stream?.close();
    stream = null;
    if (!url) return;
    stream = new EventSource(origin + url);
    stream.onopen = () => (tries = 0);
    stream.onerror = () => {
      stream.close();
      stream = null;
      all((card) => fresh(card, false));
      retry = setTimeout(connect, Math.min(60, 2 ** tries++) * 1e3 * (1 + Math.random()));
    };
    stream.addEventListener("odds", (e) => take(JSON.parse(e.data)));
    // The source is silent; its odds come again when it speaks.
    stream.addEventListener("stale", () => all((card) => fresh(card, false)));
    const on = (kind, wait) => stream.addEventListener(kind, () => renew(wait * (1 + Math.random())));
    on("market", 100), on("reset", 100), on("trade", 2500), on("book", 2500);
  };
  document.addEventListener("visibilitychange", () => plan(0));

  // At most one visual change a second for a card; the last one always arrives.
  const take = (data) => all((card, root) => {
    newest = data.seq;
    if (card.dataset.market !== data.market || root.paused) return;
    fresh(card, true);
    if (data.seq <= card.dataset.seq) return;
    const slot = (card.late ||= { at: 0 });
    slot.data = data;
    slot.timer ||= setTimeout(() => {
      slot.timer = 0;
      slot.at = Date.now();
      root.paused || paint(card, slot.data, root);
    }, Math.max(0, slot.at + 1e3 - Date.now()));
  });
  const paint = (card, data, root) => {
    if (data.status !== card.dataset.state) return renew(100 + 200 * Math.random());
    // What a market paid is not its maker's last odds.
    if (/settled|voided/.test(data.status)) return;
    card.dataset.seq = data.seq;
    for (const part of card.querySelectorAll("[data-outcome]")) {
      const odds = data.odds[part.dataset.outcome];
      const text = part.matches("[data-odds]") ? part : part.querySelector("[data-odds]");
      if (odds == null || !text || text.dataset.odds === odds) continue;
      const now = show(Math.round(odds * 1e6));
      if (text.textContent !== now) {
        text.textContent = now;
        delete text.dataset.moved;
        text.offsetWidth; // Starts the animation again.
        text.dataset.moved = odds > text.dataset.odds ? "up" : "down";
      }
      text.dataset.odds = odds;
      const bar = part.querySelector("rect") ||
        card.querySelector(`[data-bar="${CSS.escape(part.dataset.outcome)}"]`);
      bar?.setAttribute("width", odds * 100 + "%");
    }
    // What the odds of a scale mean, to its step.
    if (data.expected) for (const part of card.querySelectorAll("[data-step]")) {
      const step = part.dataset.step, places = step.replace(/^[^.]*\.?/, "").length;
      part.textContent = (Math.round(data.expected / step) * step + 0)
        .toLocaleString("en", { minimumFractionDigits: places, maximumFractionDigits: places });
    }
    const time = card.querySelector("[data-as-of]");
    if (time) {
      time.dataset.asOf = time.dateTime = data.at;
      time.textContent = data.at.slice(0, 19).replace("T", " ") + " UTC";
    }
    say(card, root);
  };
  // Whole per cents, halves to the even one, as the server writes them.
  const show = (n) => {
    const low = Math.floor(n / 1e4), rest = n % 1e4;
    return n > 0 && n < 1e4 ? "<1 %" : n > 99e4 && n < 1e6 ? ">99 %" :
      low + (rest > 5e3 || (rest === 5e3 && low % 2) ? 1 : 0) + " %";
  };
  const fresh = (card, is) => {
    const word = card.querySelector("[data-word]");
    if (word) word.textContent = is ? word.dataset.fresh : word.dataset.stale;
  };
  // Heard, not only seen: at most once a minute.
  const say = (card, root) => {
    const place = root.node.querySelector("[data-say]");
    const name = card.querySelector(".question, h1");
    if (!place || !name || Date.now() - root.said < 6e4) return;
    root.said = Date.now();
    place.textContent = name.textContent + ": " + [...card.querySelectorAll("[data-outcome]")]
      .map((part) => part.querySelector(".name, th")?.textContent + " " +
        part.querySelector("[data-odds]")?.textContent).join(", ");
  };

  // What changed in more than its odds is rendered by the server again: a status soon, a trade or
  // an order within 5 s, so that busy markets do not fetch themselves to death.
  let renewal, due = 0;
  const renew = (wait) => {
    if (renewal && due <= Date.now() + wait) return;
    clearTimeout(renewal);
    due = Date.now() + wait;
    renewal = setTimeout(renewAll, wait);
  };
  const renewAll = () => {
    renewal = 0;
    roots.forEach((root) => {
      // Caches may hold what was asked for before; nobody has asked for this place in the journal.
      const url = new URL(root.url());
      url.searchParams.set("seq", newest);
      root.paused || page(url, (doc) => {
        for (const old of root.node.querySelectorAll("[data-live]")) {
          const name = CSS.escape(old.dataset.live);
          const part = doc?.querySelector(`[data-live="${name}"]`);
          // Who types in it is left alone; who has followed a link of it stays on that link.
          const at = root.node.activeElement, href = !old.contains(at) || at.href;
          if (!part || !href) continue;
          old.replaceWith(whole(part));
          for (const link of part.querySelectorAll("a")) if (link.href === href) link.focus({ preventScroll: true });
        }
        watch(root);
      });
    });
  };
  // A request that answers with a document parses it without scripts and without Trusted Types.
  const page = (url, then, kind = "document") => {
    const ask = new XMLHttpRequest();
    ask.open("GET", url);
    ask.responseType = kind;
    ask.onloadend = () => then(ask.status && ask.status < 500 ? ask.response : null);
    ask.send();
  };
  // What an address leaves out is said by its page, and a card goes to another one: read, an address is whole.
  const whole = (part) => {
    for (const link of part.querySelectorAll("a")) link.href = link.href;
    return part;
  };

  const watch = (root) => {
    for (const card of inView) if (!card.isConnected) inView.delete(card);
    cards(root).forEach((card) => look.observe(card));
    for (const button of root.node.querySelectorAll("[data-pause]")) {
      button.hidden = !cards(root).length;
      button.onclick = () => {
        root.paused = !root.paused;
        const other = button.dataset.resume;
        button.dataset.resume = button.textContent;
        button.textContent = other;
        plan(0);
        root.paused || renew(0);
      };
    }
    // Long enough for the observer to say which of the cards can be seen.
    plan(200);
  };
  const add = (node, url, events) => {
    const root = { node, url, events, said: Date.now() };
    roots.add(root);
    watch(root);
    return root;
  };

  const sheets = new Map();
  const dress = (url) => sheets.get(url) || sheets.set(url, new Promise((done) => page(url, (text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text || (sheets.delete(url), ""));
    done(sheet);
  }, "text"))).get(url);
  customElements.define("live-odds", class extends HTMLElement {
    connectedCallback() {
      const shadow = this.shadowRoot || this.attachShadow({ mode: "open" });
      if (this.root) return roots.add(this.root), watch(this.root);
      const of = (name) => this.getAttribute(name);
      const kind = of("article") ? "articles" : "markets";
      const lang = of("lang") || document.documentElement.lang;
      const url = `${origin}/embed/v1/${kind}/${encodeURIComponent(of("article") || of("market"))}` +
        `?lang=${encodeURIComponent(lang)}${of("trade") === "off" ? "&trade=off" : ""}`;
      const room = new CSSStyleSheet();
      room.replaceSync(`:host{display:block;min-height:${+of("height") || 0}px}`);
      shadow.adoptedStyleSheets = [room];
      shadow.append(document.createElement("slot"));
      let tries = 0;
      const load = () => page(url, async (doc) => {
        const card = doc?.querySelector(".odds");
        if (!card) return setTimeout(load, Math.min(60, 2 ** tries++) * 1e3);
        const sheet = await dress(doc.querySelector("link[rel=stylesheet]").href);
        shadow.adoptedStyleSheets = [room, sheet];
        shadow.replaceChildren(whole(card));
        this.root = add(shadow, () => url);
      });
      load();
    }
    disconnectedCallback() {
      roots.delete(this.root);
      plan(0);
    }
  });
  const start = () => add(document, () => location.href, document.body.dataset.events);
  // WordPress keeps a frame hidden until it hears the secret of its address and a height, and opens
  // links for it, which its sandbox does not let it open by itself.
  const tell = (message, value) => {
    const secret = /[?&]secret=(\w+)/.exec(location.hash);
    if (secret) parent.postMessage({ message, value, secret: secret[1] }, "*");
  };
  // To ask before the style sheet is there would have the page laid out without it.
  const height = () => document.readyState === "complete" &&
    tell("height", document.documentElement.offsetHeight);
  // In a publisher's own page there is nothing to tell anybody.
  if (location.origin === origin) {
    for (const when of ["load", "message", "resize"]) addEventListener(when, height);
    addEventListener("click", (e) => e.target.href && tell("link", e.target.href));
  }
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", start) : start();
})();
