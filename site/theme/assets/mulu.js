// Two conveniences, both absent without script: the colour scheme, and search over names.
"use strict";
(() => {
  const body = document.body;
  const store = { get: () => { try { return localStorage.getItem("mulu-scheme"); } catch { return null; } },
                  set: (v) => { try { localStorage.setItem("mulu-scheme", v); } catch { /* private mode */ } } };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => { body.dataset.mdColorScheme = (store.get() || (dark.matches ? "slate" : "default")); };
  apply();
  dark.addEventListener("change", apply);
  const button = document.querySelector(".m-scheme");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => {
      store.set(body.dataset.mdColorScheme === "slate" ? "default" : "slate");
      apply();
    });
  }

  const here = location.pathname.replace(/index\.html$/, "");
  for (const link of document.querySelectorAll(".m-nav a")) {
    const target = new URL(link.href).pathname;
    const home = link === document.querySelector(".m-nav a");
    if (here === target || (!home && here.startsWith(target))) link.setAttribute("aria-current", "page");
  }

  const page = document.querySelector("[data-search]");
  if (!page) return;
  const input = page.querySelector("input");
  const list = page.querySelector(".m-results");
  const status = page.querySelector(".m-status");
  const kind = page.querySelector("select");
  const fold = (text) => text.normalize("NFKC").toLowerCase();
  let rows = null;
  const load = async () => {
    if (rows) return rows;
    status.textContent = "正在读取目录……";
    const answer = await fetch(page.dataset.search);
    rows = (await answer.json()).map((row) => ({ row, hay: fold(row.slice(2).join("\u0001")), name: fold(row[2]) }));
    return rows;
  };
  const score = (entry, words) => {
    let total = 0;
    for (const word of words) {
      if (!entry.hay.includes(word)) return -1;
      total += entry.name === word ? 8 : entry.name.startsWith(word) ? 4 : entry.name.includes(word) ? 2 : 1;
    }
    return total;
  };
  const mark = (node, text, words) => {
    const folded = fold(text);
    const at = words.map((w) => [folded.indexOf(w), w.length]).filter(([i]) => i >= 0).sort((a, b) => a[0] - b[0])[0];
    if (!at || folded.length !== text.length) { node.append(text); return; }
    const m = document.createElement("mark");
    m.textContent = text.slice(at[0], at[0] + at[1]);
    node.append(text.slice(0, at[0]), m, text.slice(at[0] + at[1]));
  };
  const show = async () => {
    const words = fold(input.value).split(/\s+/).filter(Boolean);
    const all = await load();
    const wanted = kind.value;
    const found = [];
    for (const entry of all) {
      if (wanted && entry.row[0] !== wanted) continue;
      const points = score(entry, words);
      if (points >= 0) found.push([points, entry]);
    }
    found.sort((a, b) => b[0] - a[0]);
    list.replaceChildren(...found.slice(0, 100).map(([, { row }]) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = page.dataset.root + row[1];
      mark(link, row[2], words);
      const under = document.createElement("p");
      mark(under, row.slice(3, 5).filter(Boolean).join(" · "), words);
      item.append(link, under);
      return item;
    }));
    status.textContent = found.length ? `找到 ${found.length} 条${found.length > 100 ? "，显示前 100 条" : ""}` : "没有找到。换一个词，或从单位和资源库浏览。";
    const query = new URLSearchParams();
    if (input.value) query.set("k", input.value);
    if (wanted) query.set("kind", wanted);
    history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
  };
  const asked = new URLSearchParams(location.search);
  input.value = asked.get("k") || "";
  kind.value = asked.get("kind") || "";
  input.addEventListener("input", show);
  kind.addEventListener("change", show);
  page.querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); show(); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== input) { event.preventDefault(); input.focus(); }
  });
  show();
})();
