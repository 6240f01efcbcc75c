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
