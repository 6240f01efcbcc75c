// The search page: the box, the facets, the results, the address, the keyboard.
"use strict";
(() => {
  const page = document.getElementById("search");
  const core = globalThis.muluSearch;
  if (!page || !core) return;
  const WORDS = JSON.parse(document.getElementById("search-words").textContent);
  const PAGE = 20;
  const SCREEN = 8; // results drawn before the rest of the page is read
  const FOLDED = 8; // values of a facet shown before 更多
  const MATCHES = 6; // matching items shown of a result
  const PAUSE = 80; // ms between keys that is still typing
  const part = (name) => page.querySelector(`.s-${name}`);
  const box = page.querySelector("input[type=search]");
  const [form, body, facets, lists, chips, status, results, more, empty, clear] = ["form", "body", "facets", "lists", "chips", "status", "results", "more", "empty", "clear"].map(part);
  page.hidden = false;

  const say = (message, fields = {}) => message.replace(/\{(\w+)\}/g, (_, name) => fields[name]);
  const counting = new Intl.NumberFormat("en-US");
  const count = (number) => counting.format(number);
  const make = (tag, name, ...children) => {
    const made = document.createElement(tag);
    if (name) made.className = name;
    made.append(...children);
    return made;
  };

  const asked = { k: "" }; // and for each facet the chosen words
  for (const name of core.FACETS) asked[name] = [];
  const unfolded = new Set();
  let titles = null; // of each facet: word → title
  let answer = null;
  let shown = 0;
  let turn = 0; // of the newest query: an answer of an older one is dropped

  const opened = core.open(async (path, stamp) => {
    const found = await fetch(`${page.dataset.root}search/${path}${stamp && `?v=${stamp}`}`, stamp ? {} : { cache: "no-cache" });
    if (!found.ok) throw new Error(`${found.status} ${path}`);
    return found.arrayBuffer();
  }).then((index) => {
    const { agencies, libraries } = index.meta;
    titles = { kind: WORDS.kinds, agency: Object.fromEntries(agencies), library: Object.fromEntries(libraries), sharing: WORDS.sharing, cycle: WORDS.cycles };
    return index;
  });
  opened.catch(() => {}); // told where it is awaited
  const titleOf = (facet, word) => titles[facet][word] || word;

  // ---------------------------------------------------------------- address

  const readAddress = () => {
    const query = new URLSearchParams(location.search);
    asked.k = (query.get("k") || "").slice(0, box.maxLength);
    for (const name of core.FACETS) asked[name] = query.getAll(name);
    box.value = asked.k;
  };
  const address = () => {
    const query = new URLSearchParams();
    if (asked.k) query.set("k", asked.k);
    for (const name of core.FACETS) for (const word of asked[name]) query.append(name, word);
    const text = query.toString();
    return text ? `?${text}` : location.pathname;
  };

  // ---------------------------------------------------------------- drawing

  const marked = (text, pieces) => {
    const made = document.createDocumentFragment();
    let at = 0;
    for (const [start, end] of pieces) {
      made.append(text.slice(at, start), make("mark", "", text.slice(start, end)));
      at = end;
    }
    made.append(text.slice(at));
    return made;
  };

  const matching = (label, texts, options) => {
    const found = texts.map((text) => [text, core.marks(text, answer.runs, options)]).filter(([, pieces]) => pieces.length);
    if (!found.length) return "";
    const line = make("p", "s-match", make("span", "s-label", label));
    for (const [text, pieces] of found.slice(0, MATCHES)) line.append(make("span", "s-word", marked(text, pieces)));
    if (found.length > MATCHES) line.append(make("span", "s-label", say(WORDS.others, { n: found.length - MATCHES })));
    return line;
  };

  const card = (row, simple) => {
    const pieces = core.marks(row.title, answer.runs, { simple, reading: row.reading });
    const link = make("a", "s-link", marked(row.title, pieces));
    link.href = page.dataset.pages + row.href;
    const under = make("p", "s-about");
    if (row.kind !== "resource") under.append(make("span", "s-badge", titleOf("kind", row.kind)));
    if (row.sharing) under.append(make("span", `s-badge s-badge--${WORDS.tones[row.sharing] || "plain"}`, titleOf("sharing", row.sharing)));
    if (row.by && row.by !== titleOf("kind", row.kind)) under.append(make("span", "", marked(row.by, core.marks(row.by, answer.runs, { simple }))));
    if (row.cycle) under.append(make("span", "", say(WORDS.updated, { word: titleOf("cycle", row.cycle) })));
    if (row.library) under.append(make("span", "", titleOf("library", row.library)));
    const made = make("li", "s-card", make("h2", "s-title", link), under);
    if (row.abstract) made.append(make("p", "s-abstract", marked(row.abstract, core.marks(row.abstract, answer.runs, { simple }))));
    made.append(matching(WORDS.items, row.items, { simple }));
    if (!pieces.length) made.append(matching(WORDS.words, row.words, { simple }));
    return made;
  };

  const ordered = (name, counts) => {
    const words = new Set([...counts.keys(), ...asked[name]]);
    const known = name === "cycle" || name === "sharing" ? Object.keys(titles[name]) : [];
    const place = (word) => known.includes(word) ? known.indexOf(word) : known.length;
    const size = (word) => counts.get(word) || 0;
    const byTitle = (a, b) => titleOf(name, a) < titleOf(name, b) ? -1 : 1;
    return [...words].sort((a, b) => place(a) - place(b) || size(b) - size(a) || byTitle(a, b));
  };

  const facet = (name) => {
    const counts = answer.counts[name];
    const words = ordered(name, counts);
    if (!asked[name].length && words.every((word) => counts.get(word) === answer.total)) return ""; // narrows nothing
    const list = make("ul", "");
    const all = unfolded.has(name) || words.length <= FOLDED + 1;
    words.forEach((word, at) => {
      const chosen = asked[name].includes(word);
      if (!all && at >= FOLDED && !chosen) return;
      const tick = make("input", "");
      Object.assign(tick, { type: "checkbox", name, value: word, checked: chosen });
      list.append(make("li", "", make("label", counts.has(word) ? "" : "s-none", tick, make("span", "s-name", titleOf(name, word)), make("span", "s-count", count(counts.get(word) || 0)))));
    });
    const made = make("fieldset", "s-facet", make("legend", "", WORDS.facets[name]), list);
    if (words.length > FOLDED + 1) {
      const fold = make("button", "s-fold", all ? WORDS.less : say(WORDS.unfold, { n: words.length - FOLDED }));
      Object.assign(fold, { type: "button", value: name });
      fold.setAttribute("aria-expanded", String(all));
      made.append(fold);
    }
    return made;
  };

  const drawFacets = () => {
    const held = document.activeElement;
    const [name, value] = lists.contains(held) ? [held.name, held.value] : [];
    lists.replaceChildren(...core.FACETS.map(facet).filter(Boolean));
    if (value) {
      const again = [...lists.querySelectorAll("input, button")].find((one) => one.name === name && one.value === value);
      (again || lists.querySelector("input") || box).focus();
    }
    const chosen = core.FACETS.flatMap((each) => asked[each].map((word) => [each, word]));
    chips.replaceChildren(...chosen.map(([each, word]) => {
      const chip = make("button", "s-chip", make("span", "s-label", WORDS.facets[each]), titleOf(each, word), make("span", "s-cross", "×"));
      Object.assign(chip, { type: "button", name: each, value: word });
      chip.setAttribute("aria-label", say(WORDS.remove, { word: titleOf(each, word) }));
      return chip;
    }));
    clear.hidden = !chosen.length;
    facets.querySelector(".s-chosen").textContent = chosen.length ? count(chosen.length) : "";
  };

  // Draws the next results; null where a newer query has come meanwhile.
  const drawMore = async (index, mine, size) => {
    const rows = await index.page(answer, shown, size);
    if (mine !== turn) return null;
    const cards = rows.map((row) => card(row, index.simple));
    if (shown) results.append(...cards); else results.replaceChildren(...cards);
    shown += rows.length;
    more.hidden = shown >= answer.total || shown < PAGE;
    return cards;
  };

  const run = async () => {
    const mine = turn += 1;
    const wait = setTimeout(() => { if (mine === turn) status.textContent = WORDS.loading; }, 300);
    try {
      const index = await opened;
      const found = await index.find({ ...asked });
      if (mine !== turn) return;
      answer = found;
      shown = 0;
      if (!(await drawMore(index, mine, SCREEN))) return;
      clearTimeout(wait);
      drawFacets();
      const none = !answer.total;
      status.textContent = none ? WORDS.none : say(answer.runs.length ? WORDS.found : WORDS.browse, { n: count(answer.total) });
      empty.hidden = !none;
      body.classList.toggle("s-body--none", !lists.childElementCount);
      page.dataset.turn = String(mine); // what is shown answers this query
      await drawMore(index, mine, PAGE - SCREEN);
    } catch (error) {
      if (mine === turn) status.textContent = WORDS.failed;
      console.error(error);
    } finally {
      clearTimeout(wait);
    }
  };

  // ---------------------------------------------------------------- what people do

  let timer = 0;
  let typed = -1000;
  const search = () => {
    clearTimeout(timer);
    asked.k = box.value.trim();
    history.replaceState(null, "", address());
    run();
  };
  box.addEventListener("input", (event) => {
    if (event.isComposing) return;
    const pause = event.timeStamp - typed;
    typed = event.timeStamp;
    clearTimeout(timer);
    if (pause > 3 * PAUSE) search(); else timer = setTimeout(search, PAUSE);
  });
  box.addEventListener("compositionend", search);
  form.addEventListener("submit", (event) => { event.preventDefault(); search(); });

  const choose = (name, word, on) => {
    asked[name] = on ? [...asked[name], word] : asked[name].filter((one) => one !== word);
    history.pushState(null, "", address());
    run();
  };
  lists.addEventListener("change", ({ target }) => choose(target.name, target.value, target.checked));
  lists.addEventListener("click", ({ target }) => {
    const name = target.classList.contains("s-fold") && target.value;
    if (!name) return;
    if (!unfolded.delete(name)) unfolded.add(name);
    drawFacets();
  });
  chips.addEventListener("click", ({ target }) => {
    const chip = target.closest(".s-chip");
    if (!chip) return;
    choose(chip.name, chip.value, false);
    box.focus();
  });
  page.addEventListener("click", ({ target }) => {
    if (!target.closest(".s-clear")) return;
    for (const name of core.FACETS) asked[name] = [];
    history.pushState(null, "", address());
    run();
    box.focus();
  });
  more.addEventListener("click", async () => {
    const held = document.activeElement === more;
    const cards = await drawMore(await opened, turn, PAGE);
    if (held && more.hidden && cards) cards[0].querySelector("a").focus();
  });
  addEventListener("popstate", () => { readAddress(); run(); });

  const step = (event, by) => {
    const links = [...results.querySelectorAll(".s-link")];
    const to = links.indexOf(document.activeElement) + by;
    if (document.activeElement !== box && !links.includes(document.activeElement)) return;
    event.preventDefault();
    if (to < 0) box.focus(); else if (to < links.length) links[to].focus(); else if (!more.hidden) more.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const writing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName) && document.activeElement.type !== "checkbox";
    if (event.key === "/" && !writing) { event.preventDefault(); box.focus(); box.select(); }
    if (event.key === "ArrowDown") step(event, 1);
    if (event.key === "ArrowUp" && document.activeElement === more) { event.preventDefault(); [...results.querySelectorAll(".s-link")].pop().focus(); } else if (event.key === "ArrowUp" && document.activeElement !== box) step(event, -1);
    if (event.key === "Escape" && page.contains(document.activeElement) && document.activeElement !== box) { event.preventDefault(); box.focus(); }
  });

  const wide = matchMedia("(min-width: 56rem)");
  const fit = () => { facets.open = wide.matches; };
  fit();
  wide.addEventListener("change", fit);
  readAddress();
  run();
})();
