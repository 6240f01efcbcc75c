// A filled-in form becomes a record's file: checked while typing, shown, and handed to the reader.
// What a form asks for stands in the page; this reads it by pointer and knows no kind of record.
"use strict";
(() => {
  const form = document.querySelector("[data-form]");
  if (!form) return;
  const facts = JSON.parse(document.getElementById("form-data").textContent);
  const root = form.dataset.root;
  // What is said, in the language of the page: Chinese is the key.
  const tell = (text, values = {}) => (facts.words[text] || text).replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const given = new URLSearchParams(location.search);
  const LIMIT = 7500; // bytes of an address; forges answer 414 above 8,191
  const one = (selector, within = form) => within.querySelector(selector);
  const all = (selector, within = form) => [...within.querySelectorAll(selector)];

  // ---------------------------------------------------------------- the canonical file
  // The same rules as scripts/mulu/loading/canonical.py; a test compares the two.
  const PLAIN = /^[0-9A-Za-z\u0080-\u{10ffff}][^\n]*$/u;
  const RISKY = /: |:$| #|["'\\{}[\]`\x00-\x1f]| $/;
  const NUMBERLIKE = /^[-+.]?[0-9][0-9_.:eExXoObBa-fA-F+-]*$/;
  const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
  const WORDS = new Set(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "none"]);
  const isPlain = (text) =>
    PLAIN.test(text) && !RISKY.test(text) && !WORDS.has(text.toLowerCase()) && (!NUMBERLIKE.test(text) || DATE.test(text));
  const scalar = (value) => (typeof value === "string" ? (isPlain(value) ? value : JSON.stringify(value)) : String(value));
  const isNested = (value) => typeof value === "object" && value !== null && Object.keys(value).length > 0;
  const mapping = (data, schema, indent) => {
    const order = Object.keys(schema.properties || {});
    const place = (name) => (order.includes(name) ? order.indexOf(name) : order.length);
    return Object.keys(data).sort((a, b) => place(a) - place(b))
      .flatMap((name) => lines(`${name}:`, data[name], (schema.properties || {})[name] || {}, indent));
  };
  const lines = (head, value, schema, indent) => {
    const pad = " ".repeat(indent);
    if (!isNested(value)) return [`${pad}${head} ${typeof value === "object" ? (Array.isArray(value) ? "[]" : "{}") : scalar(value)}`];
    if (!Array.isArray(value)) return [`${pad}${head}`, ...mapping(value, schema, indent + 2)];
    return [`${pad}${head}`, ...value.flatMap((row) => {
      if (!isNested(row) || Array.isArray(row)) return lines("-", row, schema.items || {}, indent + 2);
      const inner = mapping(row, schema.items || {}, indent + 4);
      return [`${" ".repeat(indent + 2)}- ${inner[0].slice(indent + 4)}`, ...inner.slice(1)];
    })];
  };
  const dump = (data) => `${mapping(data, facts.schema, 0).join("\n")}\n`;
  window.muluForm = { dump };

  // ---------------------------------------------------------------- reading the fields
  const CJK = /[\u2e80-\uffef]/;
  // A value is one paragraph: a line break between Chinese characters is nothing, else a blank.
  const paragraph = (text) => text.normalize("NFC").replace(/[^\P{C}\n]/gu, "").trim()
    .replace(/(.)\s*\n\s*(.)/gu, (_, a, b) => (CJK.test(a) || CJK.test(b) ? a + b : `${a} ${b}`));
  const known = { agency: facts.agencies.map(([key, short, full]) => [key, short, full]), law: facts.laws, library: facts.libraries, resource: [], entry: [] };
  const keyOf = (kind, text) => {
    const value = text.trim();
    const found = (known[kind] || []).find(([key, ...names]) => key === value || names.includes(value) || `${names[0]}（${key}）` === value);
    return found ? found[0] : value;
  };
  const nameOf = (kind, key) => ((known[kind] || []).find(([k]) => k === key) || [key, key])[1];
  const isShown = (field) => {
    if (!field.dataset.when) return true;
    const [pointer, words] = field.dataset.when.split("=");
    return words.split(",").includes(read(one(`[data-pointer="${pointer}"]`)));
  };
  const row = (tr) => {
    const found = {};
    for (const cell of all("[data-name]", tr)) {
      const value = cell.type === "checkbox" ? cell.checked || undefined : typed(cell.value, cell.inputMode === "numeric", cell.getAttribute("list") === "list-law" ? "law" : "");
      if (value !== undefined) found[cell.dataset.name] = value;
    }
    return found;
  };
  const typed = (text, isNumber, kind = "") => {
    const value = paragraph(text);
    if (!value) return undefined;
    if (isNumber && /^\d+$/.test(value)) return Number(value);
    return kind ? keyOf(kind, value) : value;
  };
  const READ = {
    check: (field) => one("input", field).checked || undefined,
    choice: (field) => (one("input:checked", field) || {}).value,
    multi: (field) => { const values = all("input:checked", field).map((input) => input.value); return values.length ? values : undefined; },
    items: (field) => READ.multi(field),
    lines: (field) => { const values = one("textarea", field).value.split("\n").map(paragraph).filter(Boolean); return values.length ? values : undefined; },
    rows: (field) => { const values = all("tbody tr", field).map(row).filter(isNested); return values.length ? values : undefined; },
    number: (field) => typed(one("input", field).value, true),
    reference: (field) => typed(one("input", field).value, false, one("input", field).dataset.reference),
  };
  const read = (field) => {
    const control = field.dataset.control;
    return READ[control] ? READ[control](field) : typed(one("input, textarea, select", field).value, false);
  };
  const put = (data, pointer, value) => {
    const names = pointer.slice(1).split("/");
    let here = data;
    names.slice(0, -1).forEach((name, n) => { here = here[name] ??= /^\d+$/.test(names[n + 1]) ? [] : {}; });
    here[names.at(-1)] = value;
  };

  // ---------------------------------------------------------------- the record
  const agencyOf = (party, data) => {
    const { agency, provider_of, role_of } = facts.opening.parties[party] || {};
    if (role_of) return facts.opening.roles[data[role_of]];
    return String(data[agency || provider_of] || "").split("/")[0] || facts.opening.roles[party];
  };
  const compose = () => {
    const data = facts.opening ? { pack: facts.pack } : {};
    for (const field of all("[data-pointer]")) {
      const { pointer, control } = field.dataset;
      if (!pointer || control === "group" || !isShown(field)) continue;
      const value = read(field);
      if (value !== undefined) put(data, pointer, value);
    }
    if (!facts.opening) return data;
    const { act, by, carries, guards } = facts.opening;
    const role = by.find((word) => !(word in facts.opening.parties));
    const opened = { act, date: today(), ...(data.acts || [])[0], by: data.applicant || "" };
    if (role && facts.opening.roles[role] === data.applicant) opened.as = role;
    for (const guard of guards) if (guard.guard === "addressed-to" && carries.includes("to")) opened.to = agencyOf(guard.words[0], data) || "";
    return { ...data, acts: [opened] };
  };
  const today = () => new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(new Date());
  const taken = new Set();
  const pathOf = (data) => {
    if (!facts.opening) {
      const slug = document.getElementById("f-slug").value.trim();
      return `${facts.folder}/${keyOf("agency", document.getElementById("f-agency").value)}/${slug}.yml`;
    }
    const subject = String(data.resource || data.entry || data.against || "").split("/").at(-1);
    const key = `${String(data.acts[0].date).slice(0, 4)}/${data.applicant || ""}--${subject}`;
    let name = key;
    for (let n = 2; taken.has(name); n += 1) name = `${key}-${n}`;
    return `${facts.folder}/${name}.yml`;
  };

  // ---------------------------------------------------------------- faults, in words
  const schemaAt = (pointer) => pointer.split("/").slice(1).reduce(
    (schema, name) => (/^\d+$/.test(name) ? schema.items : (schema.properties || {})[name]) || {}, facts.schema);
  const SAYS = {
    required: () => tell("请填写"),
    minLength: () => tell("请填写"),
    minItems: () => tell("至少填一行"),
    maxLength: (error) => tell("太长了，最多 {limit} 个字", error.params),
    maxItems: (error) => tell("太多了，最多 {limit} 条", error.params),
    enum: () => tell("请从给出的选项里选"),
    const: () => tell("需要勾选同意"),
    uniqueItems: () => tell("有重复的内容"),
    pattern: (_, schema) => (schema.examples && schema.examples.length ? tell("写法不对，例如 {example}", { example: schema.examples[0] }) : tell("写法不对")),
    type: (_, schema) => tell(schema.type === "integer" ? "请填整数" : "写法不对"),
    minimum: () => tell("太小了"),
    maximum: () => tell("太大了"),
  };
  const faultsOf = (data) => {
    const found = new Map();
    const say = (pointer, text) => { if (!found.has(pointer)) found.set(pointer, text); };
    for (const field of all("[data-control=reference]")) {
      const kind = one("input", field).dataset.reference;
      const value = read(field);
      if (value && known[kind] && known[kind].length && !known[kind].some(([key]) => key === value)) say(field.dataset.pointer, tell("登记簿里没有这一项，请从列表里选"));
    }
    if (!muluValidator.check(data)) {
      for (const error of muluValidator.check.errors) {
        const missing = error.keyword === "required" ? `/${error.params.missingProperty}` : "";
        const pointer = error.instancePath + missing;
        say(pointer, (SAYS[error.keyword] || (() => tell("写法不对")))(error, schemaAt(pointer)));
      }
    }
    if (facts.opening) {
      for (const { guard, words, says } of facts.opening.guards) {
        if (guard === "other-than" && data.applicant && words.some((word) => agencyOf(word, data) === data.applicant)) say("/applicant", says);
      }
      const mine = facts.opening.by.map((word) => (word in facts.opening.parties ? agencyOf(word, data) : facts.opening.roles[word]));
      if (data.applicant && !mine.includes(data.applicant)) say("/applicant", tell("应当由{who}提出", { who: mine.filter(Boolean).map((key) => nameOf("agency", key)).join(tell("或")) || tell("别的单位") }));
      const until = today();
      if (String(data.acts[0].date) > until) say("/acts/0/date", tell("不能晚于今天"));
    } else {
      if (!known.agency.some(([key]) => key === keyOf("agency", document.getElementById("f-agency").value))) say("own:f-agency", tell("请从列表里选提供单位"));
      if (!/^[a-z0-9][a-z0-9-]{0,79}$/.test(document.getElementById("f-slug").value.trim())) say("own:f-slug", tell("只用小写字母、数字和连字符"));
    }
    return found;
  };
  const fieldOf = (pointer) => {
    if (pointer.startsWith("own:")) return document.getElementById(pointer.slice(4)).closest(".m-field");
    for (let here = pointer; here; here = here.slice(0, here.lastIndexOf("/"))) {
      const field = one(`[data-pointer="${here}"]`);
      if (field && field.dataset.control !== "group") return field;
    }
    return null;
  };
  const touched = new Set();
  const show = (faults, everything) => {
    const shown = new Map();
    for (const [pointer, text] of faults) {
      const field = fieldOf(pointer);
      if (field && (everything || touched.has(field)) && !shown.has(field)) {
        const at = pointer.match(/\/(\d+)(?:\/(\w+))?$/);
        const where = at && field.dataset.control === "rows" ? at[2] ? tell("第 {n} 行“{title}”：", { n: Number(at[1]) + 1, title: schemaAt(pointer).title || at[2] }) : tell("第 {n} 行：", { n: Number(at[1]) + 1 }) : "";
        shown.set(field, where + text);
      }
    }
    for (const field of all(".m-field")) {
      const place = one(":scope > .m-fault, :scope > fieldset > .m-fault", field);
      if (!place) continue;
      const text = shown.get(field) || "";
      place.hidden = !text;
      if (place.textContent !== text) place.textContent = text;
      for (const input of all("input, textarea, select", field)) input.toggleAttribute("aria-invalid", Boolean(text));
    }
    return shown;
  };

  // ---------------------------------------------------------------- the result
  const result = { data: null, path: "", source: "", faults: new Map() };
  const submitHref = () => {
    const { kind, repository, branch } = facts.forge || {};
    const value = encodeURIComponent(result.source);
    const file = encodeURIComponent(result.path);
    const href = kind === "github" ? `${repository}/new/${branch}?filename=${file}&value=${value}`
      : kind === "gitea" ? `${repository}/_new/${branch}/?filename=${file}&value=${value}` : "";
    return href.length <= LIMIT ? href : "";
  };
  const update = () => {
    for (const field of all("[data-when]")) field.hidden = !isShown(field);
    result.data = compose();
    result.path = pathOf(result.data);
    result.source = dump(result.data);
    result.faults = faultsOf(result.data);
    show(result.faults, false);
    const ready = result.faults.size === 0;
    one(".m-file code").textContent = result.source;
    one(".m-where").textContent = ready ? tell("文件放在 {path}", result) : "";
    one(".m-status").textContent = ready ? tell("可以提交了。") : tell("还要填写：{count} 处。", { count: result.faults.size });
    one(".m-status").classList.toggle("m-status--ok", ready);
    const submit = one(".m-submit");
    const href = ready ? submitHref() : "";
    submit.hidden = !href;
    if (href) submit.href = href; else submit.removeAttribute("href");
    keep();
  };
  const refuse = () => {
    const shown = show(result.faults, true);
    const first = all(".m-field").find((field) => shown.has(field));
    if (!first) return;
    const details = first.closest("details");
    if (details) details.open = true;
    (one("input, textarea, select, button", first) || first).focus();
    one(".m-status").textContent = tell("还不能提交，要填写或改正：{count} 处。", { count: result.faults.size });
  };
  const isReady = () => { update(); if (result.faults.size) refuse(); return result.faults.size === 0; };
  one(".m-download").addEventListener("click", () => {
    if (!isReady()) return;
    const content = `${JSON.stringify({ mulu: "intake/1", path: result.path, source: result.source }, null, 1)}\n`;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([content], { type: "application/json" }));
    link.download = `${result.path.split("/").at(-1).replace(/\.yml$/, "")}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
    one(".m-status").textContent = tell("已下载。把文件交给主管部门登记。");
  });
  one(".m-copy").addEventListener("click", async () => {
    if (!isReady()) return;
    const open = one(".m-file");
    open.open = true;
    try {
      await navigator.clipboard.writeText(result.source);
      one(".m-status").textContent = tell("已复制。在登记平台上新建文件 {path}，粘贴进去。", result);
    } catch {
      getSelection().selectAllChildren(one(".m-file code"));
      one(".m-status").textContent = tell("请按 Ctrl+C 复制已选中的内容。");
    }
  });

  // ---------------------------------------------------------------- rows, and rows from Excel
  const fold = (text) => text.normalize("NFKC").toLowerCase().replace(/[\s*（）()]/g, "");
  const columnsOf = (field) => all("template", field)[0].content.querySelectorAll("[data-name]");
  const addRow = (field, values = {}) => {
    const body = one("tbody", field);
    body.append(one("template", field).content.cloneNode(true));
    const tr = body.lastElementChild;
    for (const cell of all("[data-name]", tr)) write(cell, values[cell.dataset.name]);
    return tr;
  };
  const YES = /^(是|有|√|✓|y|yes|true|1)$/i;
  const write = (cell, value) => {
    if (value === undefined || value === "") return;
    const text = String(value).trim();
    if (cell.type === "checkbox") { cell.checked = value === true || YES.test(text); return; }
    if (cell.tagName !== "SELECT") { cell.value = cell.inputMode === "numeric" ? (text.match(/\d+/) || [text])[0] : text; return; }
    const wanted = fold(text).replace(/[\d,.]+$/, "");
    const options = [...cell.options].filter((option) => option.value);
    const match = options.find((o) => o.value === text || fold(o.text) === fold(text))
      || options.find((o) => wanted && (fold(o.text).startsWith(wanted) || wanted.startsWith(fold(o.text).replace(/[a-z]$/, "")) || SQL[wanted] === o.value));
    if (match) cell.value = match.value;
  };
  const SQL = { varchar: "string", varchar2: "string", nvarchar: "string", char: "string", text: "memo", clob: "memo", int: "integer", bigint: "integer", decimal: "number", numeric: "number", timestamp: "datetime", bool: "boolean", blob: "general", 字符串: "string", 文本: "string", 日期: "date", 数字: "number", 整数: "integer" };
  const ALSO = { name: ["信息项", "信息项名称", "字段中文名", "中文名称", "名称", "字段名称", "数据项"], key: ["字段代号", "字段", "英文名", "字段英文名", "字段名", "代码", "代号"], type: ["数据类型", "类型", "字段类型"], length: ["数据长度", "长度", "字段长度"], code_table: ["代码表", "字典", "取值标准"], identifier: ["标识项", "是否标识", "主键"], sensitivity: ["敏感程度", "敏感", "敏感级别"], from: ["取自", "来源"], note: ["说明", "备注", "描述"] };
  const paste = (field, start, text) => {
    const table = text.replace(/\r/g, "").replace(/\n$/, "").split("\n").map((line) => line.split("\t"));
    const columns = [...columnsOf(field)];
    const named = table[0].map((head) => columns.findIndex((cell) => {
      const words = [cell.getAttribute("aria-label"), ...(ALSO[cell.dataset.name] || [])].map(fold);
      return words.includes(fold(head));
    }));
    const hasHead = named.filter((n) => n >= 0).length >= Math.min(2, table[0].length) && named.some((n) => n >= 0);
    const order = hasHead ? named : table[0].map((_, n) => n + start.column);
    const rows = hasHead ? table.slice(1) : table;
    const body = one("tbody", field);
    rows.forEach((cells, n) => {
      const tr = body.children[start.row + n] || addRow(field);
      const inputs = all("[data-name]", tr);
      cells.forEach((value, c) => { if (order[c] >= 0 && inputs[order[c]]) write(inputs[order[c]], value); });
      const type = inputs.find((i) => i.dataset.name === "type");
      const length = inputs.find((i) => i.dataset.name === "length");
      const source = cells[order.indexOf(columns.findIndex((c) => c.dataset.name === "type"))] || "";
      if (type && length && !length.value && /\((\d+)/.test(source)) length.value = source.match(/\((\d+)/)[1];
    });
    one(".m-status").textContent = tell("粘贴了 {count} 行。", { count: rows.length });
    return rows.length;
  };
  for (const field of all("[data-control=rows]")) {
    one(".m-add", field).addEventListener("click", () => { one("[data-name]", addRow(field)).focus(); update(); });
    field.addEventListener("click", (event) => {
      if (event.target.classList.contains("m-remove")) { event.target.closest("tr").remove(); update(); one(".m-add", field).focus(); }
    });
    field.addEventListener("paste", (event) => {
      const text = event.clipboardData.getData("text/plain");
      const cell = event.target.closest("[data-name]");
      if (!cell || !/[\t\n]/.test(text.trim())) return;
      event.preventDefault();
      const tr = cell.closest("tr");
      paste(field, { row: [...tr.parentNode.children].indexOf(tr), column: all("[data-name]", tr).indexOf(cell) }, text);
      touched.add(field);
      update();
    });
  }

  // ---------------------------------------------------------------- lists, and what a form is about
  const fillList = (kind) => {
    const list = document.getElementById(`list-${kind}`);
    if (!list || list.childElementCount) return;
    for (const [key, title] of known[kind]) {
      const option = document.createElement("option");
      option.value = `${title}（${key}）`;
      list.append(option);
    }
  };
  for (const kind of ["agency", "law", "library"]) fillList(kind);
  const about = one("[data-pointer='/resource'] input, [data-pointer='/entry'] input");
  const loaded = {};
  const load = async (agency) => {
    if (!loaded[agency]) {
      const answer = await fetch(`${root}forms/data/${agency}.json`);
      loaded[agency] = answer.ok ? await answer.json() : {};
    }
    for (const kind of ["resource", "entry"]) {
      for (const [key, { title, listed }] of Object.entries(loaded[agency])) {
        if ((kind === "resource" || listed) && !known[kind].some(([k]) => k === key)) known[kind].push([key, title]);
      }
    }
    return loaded[agency];
  };
  let subject = "";
  const follow = async () => {
    if (!about) return;
    const key = keyOf(about.dataset.reference, about.value);
    if (key === subject || !key.includes("/")) return;
    subject = key;
    const agency = key.split("/")[0];
    if (!known.agency.some(([k]) => k === agency)) return;
    let resource;
    try { resource = (await load(agency))[key]; } catch { return; }
    const items = one("[data-control=items]");
    const kept = items ? READ.items(items) || restored["/items"] || [] : [];
    if (items) {
      const place = one("fieldset > div", items);
      place.replaceChildren(...(resource ? resource.items : []).map((name) => {
        const label = document.createElement("label");
        label.className = "m-choice";
        const input = Object.assign(document.createElement("input"), { type: "checkbox", value: name, checked: kept.includes(name) });
        const text = document.createElement("span");
        text.textContent = name;
        label.append(input, " ", text);
        return label;
      }));
    }
    let note = one(".m-subject", about.closest(".m-field"));
    if (!note) {
      note = Object.assign(document.createElement("p"), { className: "m-subject" });
      about.after(note);
    }
    note.textContent = resource ? `${resource.title} · ${nameOf("agency", agency)}` : tell("目录里没有这项资源");
    const by = one("[data-pointer='/applicant'] input");
    if (by && !by.value && facts.opening.by.some((word) => (facts.opening.parties[word] || {}).provider_of)) by.value = agency;
    update();
  };

  // ---------------------------------------------------------------- draft
  const place = `mulu-form:${facts.kind}:${given.get("resource") || given.get("entry") || ""}`;
  let restored = {};
  const state = () => all(".m-field").filter((f) => f.dataset.control !== "group").map((field) => [
    field.dataset.pointer || one("input", field).id,
    field.dataset.control === "rows" ? all("tbody tr", field).map(row) : field.dataset.pointer ? read(field) : one("input", field).value,
  ]).filter(([, value]) => value !== undefined && value !== "");
  const keep = () => { try { localStorage.setItem(place, JSON.stringify(Object.fromEntries(state()))); } catch { /* private mode, or full */ } };
  const restore = () => {
    try { restored = JSON.parse(localStorage.getItem(place)) || {}; } catch { restored = {}; }
    for (const [pointer, value] of Object.entries(restored)) {
      const field = one(`[data-pointer="${CSS.escape(pointer).replaceAll("\\/", "/")}"]`);
      if (!field) { const own = document.getElementById(pointer); if (own) own.value = value; continue; }
      const { control } = field.dataset;
      if (control === "rows") { if (Array.isArray(value)) value.forEach((values) => addRow(field, values)); }
      else if (control === "check") one("input", field).checked = value === true;
      else if (control === "choice" || control === "multi") { for (const input of all("input", field)) input.checked = [].concat(value).includes(input.value); }
      else if (control === "lines") one("textarea", field).value = [].concat(value).join("\n");
      else if (control !== "items") one("input, textarea, select", field).value = value;
    }
  };
  one(".m-clear").addEventListener("click", () => {
    try { localStorage.removeItem(place); } catch { /* nothing was kept */ }
    location.reload();
  });

  // ---------------------------------------------------------------- go
  restore();
  for (const field of all("[data-control=rows]")) if (!one("tbody tr", field)) addRow(field);
  for (const name of ["resource", "entry", "against"]) {
    const input = one(`[data-pointer='/${name}'] input`);
    if (input && given.get(name)) input.value = given.get(name);
  }
  if (given.get("by") && one("[data-pointer='/applicant'] input")) one("[data-pointer='/applicant'] input").value = given.get("by");
  const day = one("[data-pointer='/acts/0/date'] input");
  if (day && !day.value) day.value = today();
  const agreed = one("[data-pointer='/sharing/declared'] input");
  if (agreed && !one("[data-pointer='/sharing/declared'] input:checked")) agreed.checked = true;
  const lastRole = facts.opening && facts.opening.by.find((word) => !(word in facts.opening.parties));
  const applicant = one("[data-pointer='/applicant'] input");
  if (lastRole && applicant && !applicant.value) applicant.value = facts.opening.roles[lastRole] || "";
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => { update(); });
  form.addEventListener("change", (event) => { const field = event.target.closest(".m-field"); if (field) touched.add(field); update(); follow(); });
  form.addEventListener("focusout", (event) => { const field = event.target.closest(".m-field"); if (field && field.dataset.control !== "group") { touched.add(field); show(result.faults, false); } });
  if (facts.opening) {
    fetch(`${root}forms/data/taken-${facts.kind}.json`).then((answer) => (answer.ok ? answer.json() : [])).then((keys) => { keys.forEach((key) => taken.add(key)); update(); }).catch(() => {});
  }
  update();
  follow();
})();
