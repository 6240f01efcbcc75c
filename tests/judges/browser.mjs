// Judges pages in Debian's Chromium and prints what it found as JSON.
// usage: node browser.mjs axe|pa11y|lighthouse URL…
// prints: [{page, view, rule, message, at}, …]
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import lighthouse, { desktopConfig } from "lighthouse";
import { nonSimulatedSettingsOverrides } from "lighthouse/core/config/constants.js";
import pa11y from "pa11y";
import puppeteer from "puppeteer-core";

const CHROMIUM = {
  executablePath: "/usr/bin/chromium",
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
    // A page that names another host is reported, and still reaches nobody.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
  ],
};
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// Lighthouse waits 5.25 s four times for an unthrottled page. From this machine once is enough: its
// blocking time is only known after five quiet seconds.
Object.assign(nonSimulatedSettingsOverrides, {
  pauseAfterFcpMs: 0, pauseAfterLoadMs: 0, networkQuietThresholdMs: 0, cpuQuietThresholdMs: 5100,
});

/** Runs in the page: what axe and the page's own measures say, as [rule, message, where] each. */
async function seen(tags, dark) {
  const found = [];
  const { violations } = await axe.run(document, {
    runOnly: tags, rules: { "target-size": { enabled: true } }, resultTypes: ["violations"],
  });
  for (const { id, help, nodes } of violations)
    for (const node of nodes)
      found.push([id, help, `${node.target.join(" ")} ${node.any[0]?.message ?? ""} ${node.html.slice(0, 160)}`]);
  const root = document.documentElement, wide = root.clientWidth;
  if (root.scrollWidth > wide) {
    const over = [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > wide + 1);
    found.push(["sideways", `${root.scrollWidth - wide} px`, over.slice(0, 3).map((e) => e.outerHTML.slice(0, 80)).join(" … ")]);
  }
  const paint = document.createElement("canvas").getContext("2d");
  paint.fillStyle = getComputedStyle(document.body).color; // in any notation
  paint.fillRect(0, 0, 1, 1);
  const [r, g, b] = paint.getImageData(0, 0, 1, 1).data;
  if ((r + g + b > 384) !== dark) found.push(["scheme", "the colours are not those asked for", "body"]);
  return found;
}

/** Every page light and dark, wide and narrow; the dark ones are opened narrow and then widened. */
async function axe(browser, addresses) {
  const looks = [["light", 1280, 360], ["dark", 360, 1280]];
  return (await Promise.all(looks.map((look) => looked(browser, addresses, ...look)))).flat();
}

async function looked(browser, addresses, scheme, ...widths) {
  const found = [], context = await browser.createBrowserContext(), page = await context.newPage();
  let address, view;
  const say = (rule, message, at = "") => found.push({ page: address, view, rule, message, at });
  page.on("pageerror", (error) => say("console", error.message));
  page.on("console", (said) => said.type() === "error" && say("console", said.text(), said.location().url));
  page.on("request", (asked) => /^(data|blob):/.test(asked.url()) || new URL(asked.url()).origin === new URL(address).origin || say("other-host", asked.url()));
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  for (address of addresses)
    for (const width of widths) {
      view = `${scheme} ${width}`;
      await page.setViewport({ width, height: 800 });
      if (width === widths[0]) {
        const answer = await page.goto(address);
        if (!answer.ok()) say("status", String(answer.status()));
        await page.waitForNetworkIdle({ idleTime: 50, timeout: 90_000 });
        await page.evaluate(AXE);
      }
      for (const one of await page.evaluate(seen, TAGS, scheme === "dark")) say(...one);
    }
  await context.close();
  return found;
}

async function htmlcs(browser, addresses) {
  const judged = async (address) => {
    const page = await browser.newPage();
    const { issues } = await pa11y(address, {
      browser, page, standard: "WCAG2AA", runners: ["htmlcs", "axe"], timeout: 60_000,
    });
    await page.close();
    return issues.map((one) => ({
      page: address, view: one.runner, rule: one.code, message: one.message, at: `${one.selector} ${one.context}`,
    }));
  };
  return (await Promise.all(addresses.map(judged))).flat();
}

/** The categories a page falls short in; as `at`, the audits that cost it points. */
async function scores(browser, addresses) {
  const measure = async (address, onlyCategories) => {
    const page = await browser.newPage();
    const flags = { logLevel: "error", throttlingMethod: "provided", disableFullPageScreenshot: true, onlyCategories };
    const { lhr } = await lighthouse(address, flags, desktopConfig, page);
    await page.close();
    if (lhr.runtimeError) throw new Error(`${address}: ${lhr.runtimeError.message}`);
    const lost = ({ id, weight }) => weight && lhr.audits[id].score !== 1;
    const told = ({ title, displayValue, errorMessage, details }) =>
      [title, displayValue, errorMessage, JSON.stringify(details?.items)?.slice(0, 300)].filter(Boolean).join(" ");
    return Object.values(lhr.categories)
      .filter(({ id, score }) => score === null || score * 100 < (id === "performance" ? 95 : 100))
      .map(({ id, score, auditRefs }) => ({
        page: address, view: "desktop", rule: id, score: score * 100, message: `${Math.round(score * 100)} of 100`,
        at: auditRefs.filter(lost).map((ref) => `[${ref.id}] ${told(lhr.audits[ref.id])}`).join("; "),
      }));
  };
  const found = [];
  for (const address of addresses) {
    const rows = await measure(address, ["performance", "accessibility", "best-practices", "seo"]);
    // The other core may have been busy with another test: the better of two, unless it is far too low.
    const near = rows.find((row) => row.rule === "performance" && row.score >= 70);
    const again = near ? await measure(address, ["performance"]) : [];
    found.push(...rows.filter((row) => row !== near || again.length));
  }
  return found;
}

const [judge, ...addresses] = process.argv.slice(2);
const browser = await puppeteer.launch(CHROMIUM);
try {
  console.log(JSON.stringify(await { axe, pa11y: htmlcs, lighthouse: scores }[judge](browser, addresses)));
} finally {
  await browser.close();
}
