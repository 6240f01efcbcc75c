// Search without a page: folds a query, reads the files that scripts/mulu/pages/search.py
// describes, finds and orders entries, counts facets.  Runs in a browser and in node.
"use strict";
(() => {
  // The same ranges stand in search.py.
  const HAN = "\\u3005\\u3007\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{323af}";
  const LATIN = "0-9a-z\\u00e0-\\u00f6\\u00f8-\\u024f\\u0370-\\u03ff\\u0400-\\u052f\\u3041-\\u3096\\u30a1-\\u30fc";
  const RUNS = new RegExp(`[${HAN}${LATIN}]+`, "gu");
  const SEGMENTS = new RegExp(`[${HAN}]+|[${LATIN}]+`, "gu");
  const ONE = new RegExp(`[${HAN}${LATIN}]`, "gu");
  const IS_HAN = new RegExp(`[${HAN}]`, "u");
  const FACETS = ["kind", "agency", "library", "sharing", "cycle"];
  const TITLE = 3;
  const TERMS_UP_TO = 12; // of one run; of a longer one every second term is enough
  const READINGS_UP_TO = 8;
  const INITIALS_UP_TO = 24;
  const BEFORE_CASES = { resource: 0, agency: 1, library: 2, law: 2 };

  // ---------------------------------------------------------------- texts

  const fold = (text, simple) => {
    const lowered = text.normalize("NFKC").toLowerCase().replace(/ς/g, "σ").normalize("NFC");
    return simple ? Array.from(lowered, (ch) => simple.get(ch) || ch).join("") : lowered;
  };
  const runsOf = (text) => text.match(RUNS) || [];
  const lengthOf = (text) => (text.match(ONE) || []).length;
  const isHan = (text) => IS_HAN.test(text);
  const isSpelled = (run) => /^[a-zü]+$/.test(run);
  const grams = (list, size) => list.slice(size - 1).map((_, at) => list.slice(at, at + size).join(""));

  // ---------------------------------------------------------------- what a run of a query asks for
  // A term, or {all: […]}, {any: […]}, or {first: […]}: the first of them that finds anything.

  const thinned = (terms) => terms.length <= TERMS_UP_TO ? terms : terms.filter((_, at) => at % 2 === 0 || at === terms.length - 1);

  const written = (run) => {
    const characters = Array.from(run);
    if (characters.length === 1) return run;
    const terms = thinned(grams(characters, 2).filter(isHan));
    for (const match of run.matchAll(SEGMENTS)) {
      const segment = Array.from(match[0]);
      if (isHan(match[0])) continue;
      const opens = match.index === 0 && match[0].length < run.length; // may be the end of a longer one
      if (segment.length === 2 && !opens) terms.push(match[0]);
      if (segment.length > 2) terms.push(...thinned(grams(segment, 3)));
    }
    return { all: terms };
  };

  // All ways to cut letters into syllables, fewest first; `rest` is an unfinished last one.
  const spellings = (run, syllables) => {
    const full = [];
    const begun = [];
    const steps = (at) => {
      const ends = [];
      for (let end = Math.min(at + 6, run.length); end > at; end -= 1) if (syllables.whole.has(run.slice(at, end))) ends.push(end);
      return ends;
    };
    // from where an end can be reached at all: without it the ways that fail are too many
    const leads = new Uint8Array(run.length + 1);
    for (let at = run.length; at >= 0; at -= 1) leads[at] = at === run.length || syllables.begins.has(run.slice(at)) || steps(at).some((end) => leads[end]) ? 1 : 0;
    const walk = (at, found) => {
      if (!leads[at] || full.length + begun.length > 64) return;
      const rest = run.slice(at);
      if (!rest) full.push(found);
      else if (found.length && syllables.begins.has(rest)) begun.push(found);
      for (const end of steps(at)) walk(end, [...found, run.slice(at, end)]);
    };
    walk(0, []);
    const fewest = (list) => list.sort((a, b) => a.length - b.length).slice(0, READINGS_UP_TO);
    return { full: fewest(full), begun: fewest(begun) };
  };
  const read = (found) => found.length === 1 ? `'${found[0]}` : { all: grams(found.map((one) => `'${one}`), 2) };
  const initials = (run) => /[iuvü]/.test(run) || run.length < 2 || run.length > INITIALS_UP_TO ? [] : [run.length === 2 ? `:${run}` : { all: grams(Array.from(run), 3).map((three) => `:${three}`) }];
  const toned = (run) => run.replace(/ü/g, "v").replace(/([ln])ve/g, "$1ue");

  const spelled = (run, syllables) => {
    const { full, begun } = spellings(toned(run), syllables);
    const letters = initials(run);
    const soon = !full.length || run.length <= 3;
    const first = { any: [written(run), ...full.map(read), ...(soon ? letters : [])] };
    return { first: [first, { any: [...begun.map(read), ...(soon ? [] : letters)] }] };
  };

  const wanted = (run, syllables) => {
    if (isSpelled(run)) return spelled(run, syllables);
    const parts = run.match(SEGMENTS);
    if (!parts.some(isSpelled)) return written(run);
    return { first: [written(run), { all: parts.map((part) => wanted(part, syllables)) }] };
  };

  // ---------------------------------------------------------------- bytes

  const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let bit = 0; bit < 8; bit += 1) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    return c;
  });
  const crc32 = (bytes) => {
    let c = 0xffffffff;
    for (const byte of bytes) c = CRC[(c ^ byte) & 255] ^ (c >>> 8);
    return (c ^ 0xffffffff) >>> 0;
  };

  class Bytes {
    constructor(bytes) { this.bytes = bytes; this.at = 0; }
    number() {
      let value = 0;
      let scale = 1;
      for (;;) {
        const byte = this.bytes[this.at++];
        value += (byte & 127) * scale;
        if (byte < 128) return value;
        scale *= 128;
      }
    }
    take(length) { this.at += length; return this.bytes.subarray(this.at - length, this.at); }
  }

  const readColumn = (source, entries) => {
    const form = source.take(1)[0];
    if (form === 1) return source.take(entries);
    const column = new Uint16Array(entries);
    if (form === 2) {
      const raw = source.take(entries * 2);
      for (let n = 0; n < entries; n += 1) column[n] = raw[2 * n] | (raw[2 * n + 1] << 8);
      return column;
    }
    let n = 0;
    for (let runs = source.number(); runs > 0; runs -= 1) {
      const index = source.number();
      const end = n + source.number();
      column.fill(index, n, end);
      n = end;
    }
    return column;
  };

  const readShard = (bytes) => {
    const source = new Bytes(bytes);
    const decoder = new TextDecoder();
    const head = [];
    for (let terms = source.number(); terms > 0; terms -= 1) head.push([decoder.decode(source.take(source.number())), source.number()]);
    return new Map(head.map(([term, length]) => [term, source.take(length)]));
  };

  // The class of every entry in a term's lists: 3 title, 2 words, 1 abstract, 0 not there.
  const readLists = (bytes, entries) => {
    const source = new Bytes(bytes);
    const ranks = new Uint8Array(entries);
    const mask = source.take(1)[0];
    for (let at = 2; at >= 0; at -= 1) {
      if (!(mask & (4 >> at))) continue;
      const rank = 1 + at;
      const head = source.number();
      if (head & 1) {
        const bits = source.take((entries + 7) >> 3);
        for (let n = 0; n < entries; n += 1) if (bits[n >> 3] & (1 << (n & 7))) ranks[n] = rank;
        continue;
      }
      let n = 0;
      for (let left = head >> 1; left > 0; left -= 1) ranks[n += source.number()] = rank;
    }
    return ranks;
  };

  // ---------------------------------------------------------------- the index

  // load(path, stamp) gives a promise of an ArrayBuffer; paths are below the index's folder.
  const open = async (load) => {
    const json = async (path, stamp) => JSON.parse(new TextDecoder().decode(await load(path, stamp)));
    const meta = await json("meta.json", "");
    const source = new Bytes(new Uint8Array(await load("columns.bin", meta.columns)));
    const [kinds, agencies, libraries, states, lengths] = Array.from({ length: 5 }, () => readColumn(source, meta.entries));
    const syllables = { whole: new Set(meta.syllables), begins: new Set() };
    for (const one of meta.syllables) for (let end = 1; end < one.length; end += 1) syllables.begins.add(one.slice(0, end));
    return new Index(load, json, meta, { kinds, agencies, libraries, states, lengths }, syllables);
  };

  class Index {
    constructor(load, json, meta, columns, syllables) {
      Object.assign(this, { load, json, meta, columns, syllables });
      this.simple = null;
      this.files = new Map();
      const names = (rows) => rows.map((row) => row[0]);
      const all = (at) => meta.states.map((state) => state[at]);
      // for each facet: the column, and the word of each index in it
      this.facets = { kind: [columns.kinds, meta.kinds], agency: [columns.agencies, names(meta.agencies)], library: [columns.libraries, names(meta.libraries)], sharing: [columns.states, all(0)], cycle: [columns.states, all(1)] };
      this.order = Int32Array.from(meta.kinds, (kind) => BEFORE_CASES[kind] ?? 3);
    }

    // Each file once; a failed one may be asked for again.
    once(path, make) {
      if (!this.files.has(path)) {
        const made = make();
        made.catch(() => this.files.delete(path));
        this.files.set(path, made);
      }
      return this.files.get(path);
    }

    async ranks(term) {
      const shard = crc32(new TextEncoder().encode(term)) & (this.meta.shards - 1);
      const path = `terms/${shard}.bin`;
      const lists = await this.once(path, async () => readShard(new Uint8Array(await this.load(path, this.meta.stamp))));
      return lists.has(term) ? readLists(lists.get(term), this.meta.entries) : null;
    }

    // Of several rank arrays one: each entry's smallest (all) or greatest (any); null finds nothing.
    static joined(found, all) {
      const kept = found.filter(Boolean);
      if (!kept.length || (all && kept.length < found.length)) return null;
      const [into, ...others] = kept;
      for (const other of others) {
        for (let n = 0; n < into.length; n += 1) if (all ? other[n] < into[n] : other[n] > into[n]) into[n] = other[n];
      }
      return into.some((rank) => rank > 0) ? into : null;
    }

    async found(query) {
      if (typeof query === "string") return this.ranks(query);
      if (query.first) {
        for (const one of query.first) {
          const found = await this.found(one);
          if (found) return found;
        }
        return null;
      }
      return Index.joined(await Promise.all((query.all || query.any).map((one) => this.found(one))), Boolean(query.all));
    }

    async matching(text) {
      const runs = runsOf(fold(text, this.simple));
      const found = await this.found({ all: runs.map((run) => wanted(run, this.syllables)) });
      if (found || this.simple || !isHan(text)) return { runs, found };
      const [before, after] = await this.once("traditional.json", () => this.json("traditional.json", this.meta.stamp));
      const to = Array.from(after);
      this.simple = new Map(Array.from(before, (ch, at) => [ch, to[at]]));
      return this.matching(text);
    }

    // asked: {k, kind: […], agency: […], library: […], sharing: […], cycle: […]}
    async find(asked) {
      const { runs, found } = runsOf(fold(asked.k, null)).length ? await this.matching(asked.k) : { runs: [], found: undefined };
      const tables = FACETS.map((name) => {
        const values = new Set(asked[name] || []);
        const [column, words] = this.facets[name];
        return { name, column, words, fails: Uint8Array.from(words, (word) => values.size && !values.has(word) ? 1 : 0), counts: new Uint32Array(words.length) };
      });
      const kept = found === null ? [] : this.kept(found, tables);
      const counts = {};
      for (const { name, words, counts: numbers } of tables) {
        counts[name] = new Map();
        words.forEach((word, at) => { if (word && numbers[at]) counts[name].set(word, (counts[name].get(word) || 0) + numbers[at]); });
      }
      return { text: asked.k, runs, total: kept.length, counts, order: this.sorted(kept, found, lengthOf(fold(asked.k, this.simple))) };
    }

    // The entries that pass every facet; each facet counts those that pass all others.
    kept(found, tables) {
      const kept = [];
      for (let n = 0; n < this.meta.entries; n += 1) {
        if (found && !found[n]) continue;
        let failing = 0;
        let at = -1;
        for (let f = 0; f < tables.length; f += 1) if (tables[f].fails[tables[f].column[n]]) { failing += 1; at = f; }
        if (failing > 1) continue;
        if (failing) { tables[at].counts[tables[at].column[n]] += 1; continue; }
        for (const { column, counts } of tables) counts[column[n]] += 1;
        kept.push(n);
      }
      return kept;
    }

    // Best first: the same length as a title that has all words; then by class; cases last;
    // shorter titles before longer; by kind; by number.
    sorted(kept, found, length) {
      const { kinds, lengths } = this.columns;
      const place = (n) => {
        const order = this.order[kinds[n]];
        if (!found) return order;
        if (found[n] === TITLE && lengths[n] === Math.min(255, length)) return order;
        return ((((TITLE - found[n]) << 1) | (order === 3)) << 10) + (lengths[n] << 2) + order + 4;
      };
      const places = Uint16Array.from(kept, place);
      const starts = new Uint32Array(8192 + 1);
      for (const one of places) starts[one + 1] += 1;
      for (let at = 0; at < 8192; at += 1) starts[at + 1] += starts[at];
      const order = new Uint32Array(kept.length);
      kept.forEach((n, at) => { order[starts[places[at]]++] = n; });
      return order;
    }

    // What is shown of some entries, in the given order.
    rows(numbers) {
      const { rows: size, stamp, agencies, libraries, kinds, states } = this.meta;
      const { columns } = this;
      return Promise.all(Array.from(numbers, async (n) => {
        const path = `rows/${Math.floor(n / size)}.json`;
        const [href, title, by, abstract, words, items, reading] = (await this.once(path, () => this.json(path, stamp)))[n % size];
        const [sharing, cycle] = states[columns.states[n]];
        return { number: n, href, title, by, abstract, words, items, reading, sharing, cycle, kind: kinds[columns.kinds[n]], agency: agencies[columns.agencies[n]][0], library: libraries[columns.libraries[n]][0] };
      }));
    }

    // A page of rows with the best first that only their texts can tell.
    async page(answer, from, size) {
      const rows = await this.rows(answer.order.subarray(from, from + size));
      const text = fold(answer.text, this.simple).trim();
      const place = (row) => {
        const title = fold(row.title, this.simple);
        return title === text ? 0 : answer.runs.every((run) => title.includes(run)) ? 1 : 2;
      };
      const placed = rows.map((row) => [place(row), row]);
      return placed.sort((a, b) => a[0] - b[0]).map(([, row]) => row);
    }
  }

  // ---------------------------------------------------------------- what to mark

  // Folded characters of a text with the place of each in it.
  const folded = (text, simple) => {
    const characters = [];
    const places = [];
    let at = 0;
    for (const one of text) {
      for (const ch of fold(one, simple)) { characters.push(ch); places.push([at, at + one.length]); }
      at += one.length;
    }
    return { characters, places };
  };
  const occurrences = (characters, run) => {
    const wantedHere = Array.from(run);
    const found = [];
    for (let at = 0; at + wantedHere.length <= characters.length; at += 1) {
      if (wantedHere.every((ch, step) => characters[at + step] === ch)) found.push([at, at + wantedHere.length]);
    }
    return found;
  };
  // Where letters spell neighbouring characters, by whole syllables or by initials alone.
  const spelledAt = (characters, readings, letters) => {
    const found = [];
    const whole = (at, left) => {
      if (!left) return at;
      for (const one of readings[at] || []) {
        if (one.startsWith(left)) return at + 1;
        const end = left.startsWith(one) ? whole(at + 1, left.slice(one.length)) : 0;
        if (end) return end;
      }
      return 0;
    };
    for (let at = 0; at < characters.length; at += 1) {
      const begins = Array.from(letters).every((letter, step) => (readings[at + step] || []).some((one) => one[0] === letter));
      const end = whole(at, letters) || (begins ? at + letters.length : 0);
      if (end > at) found.push([at, end]);
    }
    return found;
  };
  const readingsOf = (characters, reading) => {
    const syllables = reading ? reading.split(" ") : [];
    let next = 0;
    return characters.map((ch) => isHan(ch) ? (syllables[next++] || "").split("|").filter(Boolean) : []);
  };

  // The [start, end] pieces of a text that answer the runs of a query, in order, none touching another.
  const marks = (text, runs, { simple = null, reading = "" } = {}) => {
    const { characters, places } = folded(text, simple);
    const readings = reading ? readingsOf(characters, reading) : null;
    const on = new Uint8Array(characters.length);
    for (const run of runs) {
      let found = occurrences(characters, run);
      if (!found.length && isHan(run)) found = grams(Array.from(run), 2).filter(isHan).flatMap((pair) => occurrences(characters, pair));
      if (!found.length && readings && run.length > 1 && isSpelled(run)) found = spelledAt(characters, readings, toned(run));
      for (const [start, end] of found) on.fill(1, start, end);
    }
    const pieces = [];
    on.forEach((marked, at) => {
      if (!marked) return;
      const [start, end] = places[at];
      const last = pieces[pieces.length - 1];
      if (last && last[1] >= start) last[1] = Math.max(last[1], end);
      else pieces.push([start, end]);
    });
    return pieces;
  };

  const muluSearch = { open, fold, runsOf, marks, wanted, crc32, FACETS };
  globalThis.muluSearch = muluSearch;
  if (typeof module === "object" && module.exports) module.exports = muluSearch;
})();
