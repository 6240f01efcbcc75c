"""Two commits made into a change: reads what differs, finds what it concerns, reads that too.

Everything the change is judged by comes from base: kinds, packs, roles, who is who.  Of base only
those records are read that the change can touch; every other one is known by its path alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from git import Repo

from mulu import register, surroundings
from mulu.change import Change, Edit, Found, claims, edit_of
from mulu.cli.shell import Shell, Stop, load_files, policies_from
from mulu.findings import Finding, Place, Rule, Stage
from mulu.loading.records import Loaded
from mulu.loading.schemas import Schemas
from mulu.policy import load as policy
from mulu.record import Record
from mulu.register import Register, comparable
from mulu.surroundings import Tokens
from mulu.tree import limits
from mulu.tree.commit import blobs
from mulu.tree.index import listing, tokens_of
from mulu.tree.objects import Delta, Objects
from mulu.tree.span import Span
from mulu.trust import secrecy

_WHY = "看不到内容就不能说它没有问题：太大的文件没有检查，不能算通过（第二十八条）。"
UNSCANNED = Rule(
    "too-large-to-scan",
    "太大，没有检查",
    "文件有 {size} 字节，超过 {limit} 字节，没有检查里面有没有不得公开的内容",
    "分成小的文件，或不放进登记簿",
    _WHY,
    stage=Stage.CHANGE,
    article=28,
)
UNREADABLE_RULES = Rule(
    "schemas-unreadable",
    "格式说明读不出来",
    "改动之后的格式说明读不出来，登记簿就没有办法检查",
    "检查 JSON 的写法和 $ref 所指的定义",
    "格式说明和规则包决定数据怎样判断；它们自己先要读得出来、走得通，才能合入。",
    stage=Stage.CHANGE,
)
RULES = (UNSCANNED, UNREADABLE_RULES)

MAX_SCANNED = 1 << 20
_RECORDS, _SCHEMAS = "schemas/records/", "schemas"
_RESOURCES = "catalog/resources/"
_ALWAYS = ("register", "agency", "library", "clearance")
_COUNTED = "return"
_YAML = ".yml"
"""The kind whose numbers are compared with all of the register."""
_MANY = 20
"""From how many objects on they are asked for together."""
_FEW = 25
"""How many records that make the same claim are read: one of another agency is enough to tell."""


@dataclass
class Step:
    """Reads a span and puts a change together; ``findings`` fills while it does."""

    shell: Shell
    repo: Repo
    objects: Objects
    span: Span
    account: tuple[str, str] | None = None
    agency: str | None = None
    names: tuple[str, ...] = ()
    """What the two commits were called on the command line: names of branches are public too."""
    findings: list[Finding] = field(default_factory=list[Finding])
    affected: frozenset[str] = frozenset()

    # ------------------------------------------------------------------ what base says

    @cached_property
    def files(self) -> Mapping[str, str]:
        """The blob of every record file of base."""
        return listing(self.repo, self.span.base, *limits.FOLDERS)

    @cached_property
    def rules(self) -> Mapping[str, bytes]:
        """Base's own schemas and packs; the program's where the register has none."""
        own = listing(self.repo, self.span.base, _SCHEMAS)
        if any(path.startswith(_RECORDS) for path in own):
            return dict(blobs(self.repo, list(own.items())))
        return {f"{_SCHEMAS}/{path}": source for path, source in self.shell.asset_files(_SCHEMAS)}

    @cached_property
    def schemas(self) -> Schemas:
        """The kinds of record.  Raises Stop where base's schemas cannot be read."""
        own = [
            (path.removeprefix(_RECORDS), source)
            for path, source in self.rules.items()
            if path.startswith(_RECORDS)
        ]
        try:
            return Schemas.load(own)
        except ValueError as error:
            raise Stop(str(error)) from None

    @cached_property
    def tokens(self) -> Mapping[str, Tokens]:
        """The tokens of every record file of base."""
        return tokens_of(self.repo, self.files, surroundings.tokens)

    @cached_property
    def _folders(self) -> Mapping[str, str]:
        return {
            kind.folder: kind.name for kind in self.schemas.kinds.values() if kind.suffix == _YAML
        }

    @cached_property
    def _names(self) -> dict[str, tuple[str, str]]:
        """The kind and key of every path of base, by its folder alone: base has been judged."""
        return {path: self._name(path) for path in self.files}

    def _name(self, path: str) -> tuple[str, str]:
        if not path.endswith(_YAML):
            kind = self.schemas.kind_of(path)
            return (kind.name, str(kind.key(path))) if kind else ("", path)
        parts = path.split("/", 2)
        folder = "/".join(parts[:2]) if len(parts) > 2 else parts[0]
        return self._folders.get(folder, ""), path[len(folder) + 1 : -len(_YAML)]

    def name_of(self, path: str) -> tuple[str, str]:
        """A path's kind and key."""
        return self._names.get(path) or self._name(path)

    @cached_property
    def _paths(self) -> Mapping[str, Sequence[str]]:
        """The paths of base by key: a resource and its entry share one."""
        found: dict[str, list[str]] = defaultdict(list)
        for path, (_, key) in self._names.items():
            found[key].append(path)
        return found

    # ------------------------------------------------------------------ the change

    def change(self) -> Change:
        """The whole change.  Raises Stop where base has no usable pack."""
        shas = {sha.rpartition(" ")[2] for d in self._all() for sha in (d.before, d.after) if not sha.startswith("160000")}  # fmt: skip
        if len(shas) > _MANY:
            self.objects.prime(shas - {""})
        net = [delta for delta in self.span.deltas if limits.is_data(delta.path)]
        after = self._load((delta.path, delta.after) for delta in net if delta.after)
        self.findings.extend(after.findings)
        self.findings.extend(self._new_rules())
        context = self._load_base(self._concerned(net))
        context = self._with_sources(context, after, {delta.path for delta in net})
        base = self._register(context, context.records, self._unread(context))
        head = self._head(base, context, after, net)
        edits = list(self._edits(base, net, "", after.records))
        return Change(
            base=base,
            head=head,
            author=self._author(base),
            edits=tuple(edits),
            steps=tuple(self._steps(base, edits)),
            others=tuple(sorted({d.path for d in self._all() if not limits.is_data(d.path)})),
            found=tuple(self._found()),
            sizes=self._sizes(),
            alike=self._alike,
        )

    def _sizes(self) -> Mapping[str, int]:
        """How many live resources each agency has in base."""
        live = (p for p, has in self.tokens.items() if p.startswith(_RESOURCES) and "w" not in has)
        return Counter(path.split("/")[2] for path in live)

    def _all(self) -> Iterator[Delta]:
        """Every delta of every commit, and the net ones (a merge has none of its own)."""
        for commit in self.span.commits:
            yield from commit.deltas
        yield from self.span.deltas

    # ------------------------------------------------------------------ which records it concerns

    def _concerned(self, net: Sequence[Delta]) -> set[str]:
        """The paths of base that are read: changed ones, those they affect, and what these need."""
        changed = {delta.path for delta in self._all() if limits.is_data(delta.path)}
        keys = {self.name_of(path)[1] for path in changed}
        affected = self._mentioning(keys) | {p for key in keys for p in self._paths.get(key, ())}
        if any(self._moves_all(delta) for delta in net):
            affected |= set(self.files)
        affected |= {
            path for source in changed for path in self._named_by(source) if self._is_specific(path)
        }
        new = {token for delta in net if delta.after for token in self._new_tokens(delta)}
        affected |= set(surroundings.sharing(self.tokens, frozenset(filter(surroundings.can_clash, new))))  # fmt: skip
        self.affected = frozenset(affected | changed)
        near = affected | (changed & self.files.keys())
        named = {path for token in new for path in self._named(token)}
        affected |= {path for path in named if self._is_specific(path)}
        self.affected = frozenset(affected | changed)
        near |= named | affected
        near |= self._mentioning(
            {self.name_of(path)[1] for path in near if self._is_specific(path)}
        )
        for _ in range(2):
            near |= {p for path in near for p in self._named_by(path)}
        near |= {path for path, (kind, _) in self._names.items() if kind in _ALWAYS}
        if any(delta.after and self.name_of(delta.path)[0] == _COUNTED for delta in net):
            near |= set(self.files)
        return near

    def _moves_all(self, delta: Delta) -> bool:
        """Whether an edit bears on records that do not name it by a token: who holds a role, who is gone."""
        kind, _ = self.name_of(delta.path)
        if kind == "register":
            return True
        if kind != "agency" or not delta.before:
            return False
        was, now = (b"\nwithdrawn:" in self.source(sha) for sha in (delta.before, delta.after))
        return was != now or not delta.after

    def _is_specific(self, path: str) -> bool:
        return self.name_of(path)[0] not in ("agency", "law", "library", "register")

    def _mentioning(self, keys: Iterable[str]) -> set[str]:
        wanted = frozenset(map(surroundings.reference, keys))
        return set(surroundings.sharing(self.tokens, wanted))

    def _named_by(self, path: str) -> Iterator[str]:
        for token in self.tokens.get(path, ()):
            yield from self._named(token)

    def _named(self, token: str) -> Sequence[str]:
        """The records a token refers to by their key."""
        return self._paths.get(token[2:], ()) if token[0] == "=" else ()

    def _new_tokens(self, delta: Delta) -> Tokens:
        return surroundings.tokens(delta.path, self.source(delta.after))

    # ------------------------------------------------------------------ one source

    def _with_sources(self, context: Loaded, after: Loaded, changed: Collection[str]) -> Loaded:
        """Also the records that collect, or nearly collect, what the change newly claims to."""
        self._alike: dict[str, list[tuple[str, float]]] = {}
        before = {record.path: record for record in context.records}
        pack = self._pack(context)
        wanted: dict[str, set[str]] = defaultdict(set)
        for record in after.records:
            if record.kind != "resource" or "withdrawn" in record.data:
                continue
            was = before.get(record.path)
            old = {claim.about for claim in claims(was, pack)} if was else set[tuple[str, str]]()
            for claim in claims(record, pack):
                if claim.about not in old:
                    wanted[f"n {claim.about[1]}"].add(claim.subject)
            if was is None:
                wanted[f"t {comparable(record.title)}"].add(record.text("subject"))
        if not wanted:
            return context
        self._find_alike(wanted)
        meant: dict[str, set[str]] = defaultdict(set)
        for token, subjects in wanted.items():
            for name in (token, *(near for near, _ in self._alike.get(token, ()))):
                meant[name] |= subjects
        more = self._load_base(self._claiming(meant, changed) - before.keys())
        return Loaded([*context.records, *more.records], [], [*context.broken, *more.broken])

    def _find_alike(self, wanted: Iterable[str]) -> None:
        """The names of base near each wanted one, the nearest first."""
        known = set[str]().union(*self.tokens.values())
        for form, least in _LEAST.items():
            new = sorted(token for token in wanted if token[0] == form)
            names = surroundings.Names(sorted(t[2:] for t in known if t[0] == form) if new else ())
            for token in new:
                near = sorted(names.like(token[2:], least), key=lambda row: (-row[1], row[0]))
                same = [(token, 100.0)] if form == "t" and token in known else []
                self._alike[token] = same + [
                    (f"{form} {name}", score) for name, score in near[:_FEW]
                ]

    def _claiming(self, meant: Mapping[str, set[str]], changed: Collection[str]) -> set[str]:
        """Live resources of base with a wanted name and subject: a few for each, of several agencies."""
        names = frozenset(meant)
        found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for path, has in self.tokens.items():
            if names.isdisjoint(has) or path in changed or "w" in has:
                continue
            subject = next((token[2:] for token in has if token[0] == "s"), "")
            for name in names.intersection(has):
                rows = found[name, subject]
                if subject in meant[name] and len(rows) < _FEW:
                    rows.setdefault(path.split("/")[2], path)
        return {path for rows in found.values() for path in rows.values()}

    # ------------------------------------------------------------------ reading

    def source(self, sha: str) -> bytes:
        """A blob within the budget of a record; nothing for what is no plain file or too large."""
        if not sha or " " in sha or self.objects.size(sha) > limits.MAX_BYTES:
            return b""
        return self.objects.read(sha)

    def _load(self, wanted: Iterable[tuple[str, str]]) -> Loaded:
        """Read and load blobs; those too large are said and known as broken."""
        plain: list[tuple[str, str]] = []
        broken: list[tuple[str, str]] = []
        for path, sha in wanted:
            if " " in sha or path.endswith("/.gitkeep"):
                continue
            problem = limits.size_problem(path, self.objects.size(sha))
            if problem is None:
                plain.append((path, sha))
                continue
            self.findings.append(problem)
            kind = self.schemas.kind_of(path)
            broken += [(kind.name, kind.key(path))] if kind else []
        loaded: Loaded = load_files(blobs(self.repo, plain), self.schemas)
        loaded.broken.extend(broken)
        return loaded

    def _load_base(self, paths: Iterable[str]) -> Loaded:
        wanted = [(path, self.files[path]) for path in sorted(paths) if path in self.files]
        return load_files(blobs(self.repo, wanted), self.schemas)  # type: ignore[no-any-return]

    def _new_rules(self) -> Iterator[Finding]:
        """What is wrong with head's own schemas and packs, where the change touches them.

        They judge nothing yet: this change is base's to judge.  The next one would be theirs.
        """
        touched = {d.path for d in self.span.deltas if d.path.startswith(f"{_SCHEMAS}/")}
        if not touched:
            return
        own = listing(self.repo, self.span.head, _SCHEMAS)
        sources = dict(blobs(self.repo, list(own.items())))
        try:
            Schemas.load((p.removeprefix(_RECORDS), s) for p, s in sources.items() if p.startswith(_RECORDS))  # fmt: skip
            policies = policies_from((p, s) for p, s in sources.items() if p.startswith(policy.FOLDERS))  # fmt: skip
        except (ValueError, KeyError, TypeError):
            yield UNREADABLE_RULES.finding(Place(min(touched)))
            return
        yield from policies.findings

    # ------------------------------------------------------------------ the two registers

    @cached_property
    def _policies(self) -> policy.Policies:
        sources = [(p, s) for p, s in self.rules.items() if p.startswith(policy.FOLDERS)]
        found: policy.Policies = policies_from(sources)
        return found

    def _pack(self, loaded: Loaded) -> Any:
        settings = next((record for record in loaded.records if record.kind == "register"), None)
        name = (settings.text("pack") if settings else "") or "shenzhen-2015"
        found = self._policies.named(name)
        if found is None:
            raise Stop(f"登记簿原来的提交里没有可用的规则包 {name}", 4)
        return found

    def nothing(self) -> Register:
        """A register without records: what a change that could not be read is told about."""
        return register.index((), self.schemas, next(iter(self._policies.packs.values())))

    def _unread(self, context: Loaded) -> set[tuple[str, str]]:
        """Every record of base that was not read, or could not be: known, and used for nothing."""
        read = {record.path for record in context.records}
        return {name for path, name in self._names.items() if path not in read}

    def _register(
        self, context: Loaded, records: Iterable[Record], broken: Iterable[tuple[str, str]]
    ) -> Register:
        pack = self._pack(context)
        return register.index(records, self.schemas, pack, broken, self._policies)

    def _head(
        self, base: Register, context: Loaded, after: Loaded, net: Sequence[Delta]
    ) -> Register:
        changed = {delta.path for delta in net}
        gone = {self.name_of(delta.path) for delta in net if not delta.after}
        kept = [record for record in context.records if record.path not in changed]
        read = {(record.kind, record.key) for record in after.records}
        broken = (base.broken - gone - read) | set(after.broken)
        return self._register(context, [*kept, *after.records], broken)

    # ------------------------------------------------------------------ edits

    def _edits(
        self, base: Register, deltas: Iterable[Delta], commit: str, after: Iterable[Record]
    ) -> Iterator[Edit]:
        now = {record.path: record for record in after}
        for delta in deltas:
            kind, key = self.name_of(delta.path)
            edit = edit_of(
                base,
                delta.path,
                base.find(kind, key),
                now.get(delta.path),
                was=bool(delta.before),
                now=bool(delta.after),
                commit=commit,
            )
            if edit is not None:
                yield edit

    def _steps(self, base: Register, edits: Sequence[Edit]) -> Iterator[Edit]:
        """What each commit did; the net edit stands for it where one commit did it all."""
        net = {delta.path: delta for delta in self.span.deltas}
        whole = {edit.path: edit for edit in edits}
        for commit in self.span.commits:
            odd = [
                delta
                for delta in commit.deltas
                if limits.is_data(delta.path) and net.get(delta.path) != delta
            ]
            yield from (
                whole[delta.path]
                for delta in commit.deltas
                if net.get(delta.path) == delta and delta.path in whole
            )
            if odd:
                yield from self._odd(base, commit.sha, odd)

    def _odd(self, base: Register, commit: str, deltas: Sequence[Delta]) -> Iterator[Edit]:
        sides = [
            {
                record.path: record
                for record in load_files(
                    [(delta.path, self.source(sha)) for delta, sha in rows if sha], self.schemas
                ).records
            }
            for rows in ([(d, d.before) for d in deltas], [(d, d.after) for d in deltas])
        ]
        for delta in deltas:
            edit = edit_of(
                base,
                delta.path,
                sides[0].get(delta.path),
                sides[1].get(delta.path),
                was=bool(delta.before),
                now=bool(delta.after),
                commit=commit,
            )
            if edit is not None:
                yield edit

    # ------------------------------------------------------------------ secrets

    def _found(self) -> Iterator[Found]:
        """What looks secret in every new object: contents, also those taken back, names, messages."""
        seen: set[str] = set()
        for delta in self._all():
            sha = delta.after.rpartition(" ")[2]
            shown = limits.shown(delta.path)
            if delta.path not in seen:
                seen.add(delta.path)
                folder = shown.rpartition("/")[0]
                yield from (
                    Found(Place(folder), hit, "这里的一个文件名", delta.path)
                    for hit in secrecy.scan(delta.path)
                )
            if not sha or sha in seen or delta.after.startswith("160000"):
                continue
            seen.add(sha)
            size = self.objects.size(sha)
            if size > MAX_SCANNED:
                self.findings.append(UNSCANNED.finding(Place(shown), size=size, limit=MAX_SCANNED))
                continue
            still = any(
                d.path == delta.path and d.after == delta.after for d in self._net(delta.path)
            )
            where = "文件" if still else "后来又改掉的文件内容"
            for hit in secrecy.scan_bytes(self.objects.read(sha)):
                yield Found(Place(shown, "", hit.line, hit.column), hit, where)
        for name in self.names:
            yield from (Found(Place(""), hit, "分支名") for hit in secrecy.scan(name))
        for commit in self.span.commits:
            where = f"提交 {commit.sha[:12]} 的说明"
            yield from (Found(Place(""), hit, where) for hit in secrecy.scan_bytes(commit.message))

    @cached_property
    def _net_by_path(self) -> Mapping[str, Delta]:
        return {delta.path: delta for delta in self.span.deltas}

    def _net(self, path: str) -> Iterator[Delta]:
        if path in self._net_by_path:
            yield self._net_by_path[path]

    # ------------------------------------------------------------------ who

    def _author(self, base: Register) -> str | None:
        """The agency given, or the one and only agency whose record in base names the account."""
        if self.agency is not None:
            if not base.is_known("agency", self.agency):
                raise Stop(f"登记簿里没有 {self.agency} 这个单位")
            return self.agency
        if self.account is None:
            return None
        forge, name = self.account
        found = [
            agency.key
            for agency in base.of("agency").values()
            if "withdrawn" not in agency.data
            and any(row.get("forge") == forge and str(row.get("name")) == name for row in agency.rows("accounts"))
        ]  # fmt: skip
        return found[0] if len(found) == 1 else None


_LEAST = {"n": 85.0, "t": 90.0}
"""How near two names must be to be told of: items, titles (measured on the demonstration register)."""
