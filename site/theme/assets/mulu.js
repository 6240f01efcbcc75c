// Conveniences of every page, all absent without script: the colour scheme, where one is, the search key.
"use strict";
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const button = document.querySelector(".m-scheme");
  if (button) {
    const isDark = () => (root.dataset.scheme ? root.dataset.scheme === "dark" : dark.matches);
    const show = () => button.setAttribute("aria-pressed", String(isDark()));
    button.hidden = false;
    show();
    dark.addEventListener("change", show);
    button.addEventListener("click", () => {
      root.dataset.scheme = isDark() ? "light" : "dark";
      try { localStorage.setItem("mulu-scheme", root.dataset.scheme); } catch { /* private mode */ }
      show();
    });
  }

  const here = location.pathname.replace(/index\.html$/, "");
  const links = [...document.querySelectorAll(".m-nav a")];
  for (const link of links) {
    const target = new URL(link.href).pathname;
    if (here === target || (link !== links[0] && here.startsWith(target))) link.setAttribute("aria-current", "page");
  }

  const language = document.querySelector(".m-lang");
  if (language) language.addEventListener("click", () => { language.search = location.search; language.hash = location.hash; });

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest && event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const boxes = [...document.querySelectorAll("input[type=search]")].filter((box) => box.checkVisibility ? box.checkVisibility({ visibilityProperty: true }) : box.offsetParent);
    if (boxes.length) { event.preventDefault(); boxes[boxes.length - 1].focus(); }
  });

  // Days left move on while the page stands: counted again for the city's own day, never backwards.
  const clocks = [...document.querySelectorAll("[data-clock]")];
  const tick = ({ asof, off, work, says }) => {
    const today = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(new Date());
    if (today <= asof) return;
    const [free, made] = [new Set(off), new Set(work)];
    const step = (day, n) => new Date(Date.parse(day) + n * 864e5).toISOString().slice(0, 10);
    const counts = (day) => made.has(day) || (!free.has(day) && new Date(day).getUTCDay() % 6 !== 0);
    const between = (from, to, unit) => {
      if (from > to) return -between(to, from, unit);
      let n = 0;
      for (let day = from; day < to;) { day = step(day, 1); n += unit === "day" || counts(day) ? 1 : 0; }
      return n;
    };
    for (const badge of clocks) {
      const [due, unit, provisional] = badge.dataset.clock.split(" ");
      const left = between(today, due, unit), isLate = today > due && !provisional;
      const [one, more] = says[unit][isLate ? 1 : 0];
      const tone = isLate ? "bad" : left <= 2 || today > due ? "warn" : "running";
      badge.textContent = today > due && provisional ? says.provisional : today === due ? says.today : (Math.abs(left) === 1 ? one : more).replace("{n}", Math.abs(left));
      badge.className = `m-badge m-badge--${tone}`;
    }
    const note = document.querySelector(".m-asof");
    if (note) note.append(` · ${says.counted} ${today}`);
  };
  const days = document.currentScript && document.currentScript.dataset.days;
  if (clocks.length && days) fetch(days).then((found) => (found.ok ? found.json() : Promise.reject(found))).then(tick).catch(() => { /* what was built stands */ });

  const open = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.tagName === "DETAILS") target.open = true;
  };
  open();
  addEventListener("hashchange", open);
  const shut = [];
  addEventListener("beforeprint", () => { for (const one of document.querySelectorAll("details:not([open])")) { one.open = true; shut.push(one); } });
  addEventListener("afterprint", () => { for (const one of shut.splice(0)) one.open = false; });
})();
