"""``mulu build``: the whole site, made where it is new and swapped in at once."""

from __future__ import annotations

import gc
import hashlib
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import click

from mulu.cli.shell import (
    CLEAN,
    ENVIRONMENT,
    FINDINGS,
    Shell,
    Stop,
    load_again,
    lying,
    say,
    with_shell,
)
from mulu.findings import Level
from mulu.history import Landing

T = TypeVar("T")

LANGUAGES = ("zh", "en")
_IN_ADDRESSES = ":/?#[]@!$&()*+,;=%~"
_LANDINGS, _EDITS = 40, 20
"""How many landings the page of changes tells of, and how many records of each."""
_APART_FROM = 2_000
"""Records from which on judging in a process of its own is worth its start."""

_alive: list[object] = []
"""What a build works with, to the end of the process: freeing it piece by piece takes half a second."""


@dataclass(frozen=True, slots=True)
class Source:
    """What the register is built from: a commit, a day, and each file's history."""

    commit: str
    day: str
    dirty: bool
    history: dict[str, list[Landing]]
    recent: list[tuple[Landing, list[tuple[str, bytes | None, bytes | None]], int]] = field(default_factory=list[Any])  # fmt: skip
    note: str = ""


@click.command(
    help="生成网站。写到一旁，完成后整体换上；中途失败，原来的网站不动。只重新生成有变化的网页。"
)
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("build/site"), help="放到哪个文件夹。")  # fmt: skip
@click.option("--audience", type=click.Choice(["public", "internal"]), default="public", help="给社会看，还是内部看。")  # fmt: skip
@click.option("--base-url", help="网站发布后的网址，不写取 register.yml 的 site。")
@click.option("--jobs", type=click.IntRange(1, 64), help="同时用几个进程。")
@click.option("--clean", is_flag=True, help="不用上次留下的，全部重新生成。")
@with_shell
def command(
    shell: Shell, output: Path, audience: str, base_url: str | None, jobs: int | None, *, clean: bool
) -> int:  # fmt: skip
    """Check, then build; a register with errors is not published."""
    internal = audience == "internal"
    return build(shell, output, internal=internal, base_url=base_url, jobs=jobs, clean=clean)


def build(
    shell: Shell,
    output: Path,
    *,
    internal: bool = False,
    base_url: str | None = None,
    jobs: int | None = None,
    clean: bool = False,
) -> int:
    """Build the site into ``output``; returns the exit code."""
    from mulu.pages.search import syllables
    from mulu.publish import Kept, Left, altered_since, publish
    from mulu.tree.memory import Memory, remember

    _alive.clear()
    gc.disable()  # one run over many small values and no cycles: collecting costs a fifth of the time
    jobs = jobs or os.cpu_count() or 1
    files = _beside(partial(lying, shell), jobs)
    memory = remember(shell.root, output, program_stamp())
    if clean:
        memory = Memory(memory.place, memory.stamp)
        memory.blocks.clear()
    rows = memory.values.get("left", {})
    known = Left(
        memory.values.get("manifest", ""), {path: Kept(*row) for path, row in rows.items()}
    )
    _alive.extend((memory, known))
    altered = _beside(
        partial(altered_since, output, known), jobs if len(rows) >= _APART_FROM else 1
    )
    register, findings, digests, before = load_again(shell, memory, files(), jobs=jobs)
    gc.disable()  # loading has turned it on again
    _ = register.references  # both for the errors and for the pages
    errors = _errors(shell, register, findings, jobs)
    past = memory.values.get("history")
    source = source_of(shell, memory.values)
    for path in _moved(past, memory.values.get("history")):
        kind = register.schemas.kind_of(path)
        before.setdefault(path, register.find(kind.name, kind.key(path)) if kind else None)
    about = {
        "version": 1,
        "mulu": version("mulu"),
        "commit": source.commit,
        "dirty": source.dirty,
        "day": str(shell.given_today or source.day or shell.today),
        "audience": "internal" if internal else "public",
    }
    syllables.update(memory.values.get("syllables", {}))
    told = memory.values.setdefault("told", {})
    site, fixed = site_of(shell, register, source, memory, digests=digests, internal=internal, base_url=base_url, told=told)  # fmt: skip
    same = memory.values.get("key") == site.key
    _alive.extend((register, site))
    there = known.without(altered())
    parts = site.parts(before if same else None, {path for path, file in there.items() if file.key})
    made = [partial(_fixed, fixed), *parts.made]
    memory.values["key"] = site.key
    left = publish(made, output, about, there=there, standing=parts.standing, jobs=jobs, may_land=lambda: not errors())  # fmt: skip
    if left is None:
        say(f"登记簿有 {errors()} 处错误，没有生成网站；先运行 mulu check 看是哪些")
        return FINDINGS
    if source.note:
        click.echo(f"注意：{source.note}", err=True)
    memory.values["syllables"] = dict(syllables)
    memory.values["manifest"] = left.manifest
    memory.values["left"] = {path: rows[path] if row is known.files.get(path) else tuple(row) for path, row in left.files.items()}  # fmt: skip
    memory.save()
    count = sum(known.files.get(path) is not row for path, row in left.files.items())
    say(f"网站有 {len(left.files)} 个文件，在 {output}" + (f"；这次生成 {count} 个" if count < len(left.files) else ""))  # fmt: skip
    return CLEAN


def _moved(past: Any, now: Any) -> set[str]:
    """The files whose history is not what it was."""
    if past is None or now is None or past is now:
        return set()
    was, rows = past[2:], now[2:]
    paths = {path for path in {*was[1], *rows[1]} if len(was[1].get(path, ())) != len(rows[1].get(path, ()))}  # fmt: skip
    return paths | {path for path in rows[1].keys() & was[1].keys() if [was[0][n] for n in was[1][path]] != [rows[0][n] for n in rows[1][path]]}  # fmt: skip


@cache
def program_stamp() -> str:
    """What the program is: its code and the Python it runs on."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted(package.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _errors(shell: Shell, register: Any, findings: Sequence[Any], jobs: int) -> Callable[[], int]:
    """How many errors the register has, asked for later: meanwhile pages are made.

    Only rules whose findings are errors are run; a rule that crashes counts as one.
    """

    def count() -> int:
        from mulu.judge import judge, judges

        among = [one for one in judges() if one.rule.level is Level.ERROR]
        verdict = judge(register, shell.today, findings, among)
        return verdict.count(Level.ERROR) + len(verdict.faults)

    return _beside(count, jobs if register.size >= _APART_FROM else 1)


def _beside(work: Callable[[], T], jobs: int) -> Callable[[], T]:
    """What some work gives, asked for later: a process of its own does it where there are cores."""
    if jobs == 1 or not hasattr(os, "fork"):
        found = work()
        return lambda: found
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=lambda: there.send(work()), daemon=True)
    process.start()
    there.close()

    def ask() -> T:
        try:
            answer: T = here.recv()
        except EOFError:
            raise Stop(
                "一个后台进程没有做完，没有生成网站；再试一次，还不行就加 --jobs 1", 3
            ) from None
        return answer

    return cache(ask)


def source_of(shell: Shell, known: dict[str, Any] | None = None) -> Source:
    """The commit a working copy stands on; without one, pages have no history and say so.

    ``known`` keeps what was read of a commit for the next time.
    """
    from mulu.tree import commit as git
    from mulu.tree.limits import FOLDERS

    known = {} if known is None else known
    try:
        repo = git.open_repository(shell.root)
    except git.ShallowError as error:
        raise Stop(str(error), ENVIRONMENT) from None
    except git.NoRepositoryError as error:
        return Source("", "", dirty=False, history={}, note=f"{error}，网页上没有变更记录")
    inside = git.folder_of(repo, shell.root)
    folders = [f"{inside}/{name}".lstrip("/") for name in FOLDERS]
    sha = git.sha_of(repo, "HEAD")
    if known.get("history", ("", ""))[:2] != (sha, inside):
        history = git.history(repo, inside, "HEAD", *FOLDERS)
        known["history"] = sha, inside, *_kept(history)
        known["recent"] = _recent(repo, inside, history)
    landings = [Landing(*row) for row in known["history"][2]]
    return Source(
        sha,
        git.day_of(repo, "HEAD"),
        dirty=not git.is_clean(repo, *folders),
        history={path: [landings[n] for n in rows] for path, rows in known["history"][3].items()},
        recent=[(landings[n], files, others) for n, files, others in known["recent"]],
    )


def _kept(history: dict[str, list[Landing]]) -> tuple[list[tuple[str, ...]], dict[str, list[int]]]:
    """A history as plain values: every landing once, and their numbers for each file."""
    numbers: dict[str, int] = {}
    landings: list[tuple[str, ...]] = []
    rows: dict[str, list[int]] = {}
    for path, found in history.items():
        for one in found:
            if one.commit not in numbers:
                numbers[one.commit] = len(landings)
                landings.append((one.commit, one.day, one.author, one.subject))
        rows[path] = [numbers[one.commit] for one in found]
    return landings, rows


def _recent(repo: Any, inside: str, history: dict[str, list[Landing]]) -> list[tuple[int, list[Any], int]]:  # fmt: skip
    """The newest landings with some of their files before and after, newest first."""
    from mulu.tree.commit import order_of, versions

    landings, rows = _kept(history)
    paths: dict[str, list[str]] = {}
    for path, numbers in rows.items():
        for n in numbers:
            paths.setdefault(landings[n][0], []).append(path)
    place = {row[0]: n for n, row in enumerate(landings)}
    newest = [sha for sha in order_of(repo, "HEAD", _LANDINGS * 20) if sha in paths][:_LANDINGS]
    asked = [(sha, path) for sha in newest for path in sorted(paths[sha])[:_EDITS]]
    prefix = f"{inside}/" if inside else ""
    before = versions(repo, [(f"{sha}^", prefix + path) for sha, path in asked])
    after = versions(repo, [(sha, prefix + path) for sha, path in asked])
    files: dict[str, list[Any]] = {}
    for (sha, path), old, new in zip(asked, before, after, strict=True):
        files.setdefault(sha, []).append((path, old, new))
    return [(place[sha], files[sha], len(paths[sha]) - len(files[sha])) for sha in newest]


# ---------------------------------------------------------------------- the parts of the site


def _fixed(files: Sequence[tuple[str, bytes]]) -> Iterator[Any]:
    """The files that do not come from records, as sheets."""
    from mulu.pages.sheet import ready

    for path, content in files:
        yield ready(path, content)


def site_of(
    shell: Shell,
    register: Any,
    source: Source,
    memory: Any,
    *,
    digests: dict[str, bytes],
    internal: bool = False,
    base_url: str | None = None,
    told: dict[str, Any] | None = None,
) -> tuple[Any, list[tuple[str, bytes]]]:
    """The register's site, ready to make pages, and the files that do not come from records."""
    from datetime import date

    from mulu.cli.explain import examples
    from mulu.pages import hosts
    from mulu.pages import shell as frames
    from mulu.pages.changes import Landed
    from mulu.pages.sheet import key_of
    from mulu.pages.site import Constants, Renderer, Site
    from mulu.pages.view import View
    from mulu.register import is_withdrawn

    day = shell.given_today or (date.fromisoformat(source.day) if source.day else shell.today)
    url = base_url or (register.settings.text("site") if register.settings else "")
    languages = _languages(shell)
    assets = {folder: shell.asset_files(folder) for folder in ("site/templates", "site/theme", "site/pages", "schemas", "site/search", "site/languages")}  # fmt: skip
    policy = frames.policy(dict(assets["site/theme"])["assets/boot.js"])
    config = _mkdocs_config(register, languages, day, url, policy, internal=internal)
    key = key_of(config, assets["site/pages"], assets["site/theme"], _mkdocs_settings(shell), _theme_version())  # fmt: skip
    known = memory.values
    if known.get("pages", (b"",))[0] != key:
        known["pages"] = key, _hand_written(shell, assets, config, languages)
    written: list[tuple[str, bytes]] = known["pages"][1]
    by_path = dict(written)
    templates = {path: content.decode() for path, content in assets["site/templates"]}
    shared: dict[str, Any] = {}
    renderers: list[tuple[Any, Any]] = []
    for language in languages:
        view = View(register, day, internal, source.history, language, digests, shared)
        frame = frames.Frame(by_path[frames.source_of(language)].decode(), language)
        renderers.append((view, Renderer(frame, templates, view, memory.templates)))
    frame_files = {frames.source_of(language) for language in languages}
    gone = [f"resources/{one.key}/" for one in register.of("resource").values() if is_withdrawn(one)]  # fmt: skip
    fixed = [(path, content) for path, content in written if path not in frame_files]
    fixed += [(f"schemas/{path}", content) for path, content in assets["schemas"]]
    fixed.append(("assets/as-of.css", _as_of_style(source, languages)))
    fixed += hosts.files(policy, [f"{one.folder}{path}" for one in languages for path in gone])
    settings = digests.get("catalog/register.yml", b"")
    constants = Constants(
        key_of(program_stamp(), key, [assets[name] for name in ("site/templates", "schemas", "site/languages")], str(day), internal, settings, [by_path[path] for path in sorted(frame_files)]),
        _rules(),
        partial(examples, shell),
        [Landed(landing, _edits(register, files), others) for landing, files, others in source.recent],
        dict(assets["site/search"]).get("traditional.txt", b"").decode(),
    )  # fmt: skip
    return Site(
        renderers,
        constants,
        known.setdefault("readings", {}),
        memory.blocks,
        {} if told is None else told,
    ), fixed


def _edits(register: Any, files: list[tuple[str, bytes | None, bytes | None]]) -> list[Any]:
    """The edits of a landing, from its files before and after."""
    from mulu.change import edit_of
    from mulu.loading.records import load

    def record(path: str, content: bytes | None) -> Any:
        if content is None:
            return None
        return next(iter(load([(path, content)], register.schemas).records), None)

    edits = (
        edit_of(register, path, record(path, old), record(path, new), was=old is not None, now=new is not None)
        for path, old, new in files
    )  # fmt: skip
    return [edit for edit in edits if edit is not None]


def _languages(shell: Shell) -> list[Any]:
    from mulu.pages.language import SOURCE, Language, load

    catalogs = dict(shell.asset_files("site/languages"))
    found = [Language()]
    for code in LANGUAGES:
        if code != SOURCE:
            found.append(load(code, catalogs[f"{code}/LC_MESSAGES/mulu.mo"]))
    return found


def _as_of_style(source: Source, languages: Sequence[Any]) -> bytes:
    """The version of the register at the foot of every page, in one file that changes with it.

    In the pages themselves it would make every page new with every landing.
    """
    rows: list[str] = []
    for language in languages:
        text = ""
        if source.commit:
            text = " · " + language.say("登记簿版本 {commit}", commit=source.commit[:10])
            if source.dirty:
                text += language.say("，含未提交的修改")
        rows.append(f':lang({language.tag}) .m-version::after {{ content: "{text}"; }}\n')
    return "".join(rows).encode()


def _rules() -> Sequence[Any]:
    from mulu.cli.explain import all_rules

    return list(all_rules().values())


# ---------------------------------------------------------------------- the hand-written pages


def _mkdocs_config(
    register: Any, languages: Sequence[Any], day: Any, url: str, policy: str, *, internal: bool
) -> dict[str, Any]:
    settings, pack = register.settings, register.pack
    words = {
        one.code: {} if one.code == "zh" else {text: one.say(text) for text in _frame_words(one)}
        for one in languages
    }
    return {
        "INHERIT": "base.yml",
        "site_name": settings.title if settings else "政务信息资源目录",
        "site_url": quote(url, safe=_IN_ADDRESSES)
        or None,  # mkdocs writes it into 404.html as it is
        "docs_dir": "pages",
        "site_dir": "out",
        "theme": {"custom_dir": "theme"},
        "extra": {
            "as_of": {one.code: one.say("截至 {day}", day=one.day(day)) for one in languages},
            "basis": f"{pack.title}（{pack.number}）",
            "demonstration": bool(settings and settings.get("demonstration")),
            "internal": internal,
            "policy": policy,
            "words": words,
        },
    }


def _frame_words(language: Any) -> list[str]:
    """Every message of the catalog: the frame asks for some of them."""
    catalog: dict[Any, str] = getattr(language.catalog, "_catalog", {})
    return [text for text in catalog if isinstance(text, str) and text]


def _theme_version() -> str:
    try:
        return f"{version('mkdocs')} {version('mkdocs-material')}"
    except ModuleNotFoundError:
        return ""


def _mkdocs_settings(shell: Shell) -> bytes:
    own = shell.root / "mkdocs.yml"
    return (own if own.is_file() else shell.assets / "mkdocs.yml").read_bytes()


def _hand_written(
    shell: Shell, assets: dict[str, list[tuple[str, bytes]]], config: dict[str, Any], languages: Sequence[Any]
) -> list[tuple[str, bytes]]:  # fmt: skip
    """The pages of site/pages in every language's frame, as mkdocs renders them, with the assets."""
    with tempfile.TemporaryDirectory(prefix="mulu-pages-") as name:
        folder = Path(name)
        for part in ("pages", "theme"):
            for path, content in assets[f"site/{part}"]:
                _put(folder / part / path, content)
                if part == "pages" and not path.startswith("frame"):
                    for language in languages[1:]:
                        _put(folder / part / language.folder / path, _in_frame_of(language, path, content))  # fmt: skip
        (folder / "base.yml").write_bytes(_mkdocs_settings(shell))
        (folder / "mkdocs.yml").write_text(json.dumps(config, ensure_ascii=False), "utf-8")
        _run_mkdocs(folder)
        return _collect(folder / "out", languages)


def _put(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def _in_frame_of(language: Any, path: str, content: bytes) -> bytes:
    """A hand-written page to stand in another language's frame; its text stays Chinese."""
    if not path.endswith(".md"):
        return content
    return f"---\nlanguage: {language.code}\n---\n".encode() + content


def _run_mkdocs(folder: Path) -> None:
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "SOURCE_DATE_EPOCH": "0", "TZ": "UTC", "PYTHONHASHSEED": "0"}  # noqa: TID251  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        missing = "No module named" in done.stderr
        last = [line for line in done.stderr.strip().split("\n") if line][-1:]
        raise Stop("没有装 mkdocs-material；请安装 mulu[site]" if missing else f"mkdocs 没有成功：{''.join(last)}", ENVIRONMENT)  # fmt: skip


_UNUSED = ("assets/javascripts/", "assets/stylesheets/", "assets/images/favicon", "sitemap.xml")
"""Parts of the theme that our pages do not ask for."""


def _collect(folder: Path, languages: Sequence[Any]) -> list[tuple[str, bytes]]:
    from mulu.pages.shell import cleaned

    found: list[tuple[str, bytes]] = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith(_UNUSED) and not name.endswith(".map"):
            content = path.read_bytes()
            if name.endswith(".html"):
                own = [one for one in languages if one.folder and name.startswith((one.folder, f"frame-{one.code}"))]  # fmt: skip
                language = (own or languages)[0]
                content = cleaned(content.decode(), language, name).encode()
            found.append((name, content))
    return found
