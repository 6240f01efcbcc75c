"""What every command needs of the world: the register's folder, today, the program's own files.

The only place that looks at the clock, the environment and the terminal.  A command is a
function that takes plain arguments and returns an exit code; ``main`` turns what goes
wrong into one line and the right code.
"""

from __future__ import annotations

import gc
import hashlib
import marshal
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache, cached_property, partial, wraps
from pathlib import Path
from typing import Any, Protocol

import click

CLEAN, FINDINGS, USAGE, FAULT, ENVIRONMENT = 0, 1, 2, 3, 4
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
_PARALLEL_FROM = 600  # below this many files a second process costs more than it saves
_BATCH = 250


class Stop(Exception):
    """An expected end: one line for the user, and the exit code."""

    def __init__(self, message: str, code: int = USAGE) -> None:
        super().__init__(message)
        self.code = code


class Tree(Protocol):
    """Where a register is read from: a directory or a commit."""

    findings: list[Any]

    def files(self, *folders: str) -> Iterator[tuple[str, bytes]]:
        """Every record file below the folders."""
        ...


@dataclass(frozen=True)
class Shell:
    """The three things every command takes: where, which day, in which language."""

    given_root: Path | None
    given_today: date | None

    @cached_property
    def root(self) -> Path:
        """The register's folder: given, or the nearest upwards that holds one.

        Raises Stop where there is none.
        """
        if self.given_root is not None:
            if not self.given_root.is_dir():
                raise Stop(f"没有 {self.given_root} 这个文件夹")
            return self.given_root.resolve()
        here = Path.cwd()
        for folder in (here, *here.parents):
            if (folder / "catalog" / "register.yml").is_file():
                return folder
        raise Stop("这里不是登记簿（上级文件夹里也没有 catalog/register.yml）；用 --root 指明，或运行 mulu init 新建")  # fmt: skip

    @cached_property
    def today(self) -> date:
        """The civil date in Asia/Shanghai, unless one was given."""
        if self.given_today is not None:
            return self.given_today
        return datetime.now(UTC).astimezone(SHANGHAI).date()  # noqa: TID251  the one look at the clock

    @cached_property
    def assets(self) -> Path:
        """The program's own schemas, site sources and examples: in the wheel, or in its source tree."""
        packed = Path(__file__).parents[1] / "assets"
        return packed if packed.is_dir() else Path(__file__).parents[3]

    def asset_files(self, folder: str) -> list[tuple[str, bytes]]:
        """Files below a folder of the register's own, or of the program's where it has none.

        Paths are relative to that folder; sorted.
        """
        own = self.given_root or self._root_or_none()
        base = own / folder if own is not None and (own / folder).is_dir() else self.assets / folder
        return [
            (path.relative_to(base).as_posix(), path.read_bytes())
            for path in sorted(base.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
        ]

    def _root_or_none(self) -> Path | None:
        try:
            return self.root
        except Stop:
            return None


def with_shell(command: Callable[..., int]) -> Callable[..., None]:
    """Give a command the options all commands have, and end with the code it returns."""

    @click.option(
        "--root", type=click.Path(path_type=Path, file_okay=False), help="登记簿所在的文件夹。"
    )
    @click.option(
        "--today",
        type=click.DateTime(["%Y-%m-%d"]),
        help="按哪一天判断（YYYY-MM-DD），不写为今天。",
    )
    @wraps(command)
    def wrapped(*, root: Path | None, today: datetime | None, **options: Any) -> None:
        code = command(Shell(root, today.date() if today else None), **options)
        click.get_current_context().exit(code)

    return wrapped


def load_register(
    shell: Shell, tree: Tree, *, pack: str | None = None, jobs: int | None = None
) -> Any:
    """Read, load and index: (register, findings of loading).

    Raises Stop where the schemas cannot be read, and NoPack where there is no pack to judge by.
    """
    from mulu.tree.limits import FOLDERS

    return _indexed(shell, tree, tree.files(*FOLDERS), pack, jobs)


def lying(shell: Shell) -> tuple[int, Any, list[Any]]:
    """How the working copy's files lie on disk: (a moment before, stamps by path, findings)."""
    from mulu.tree.directory import Directory
    from mulu.tree.limits import FOLDERS
    from mulu.tree.memory import moment

    now, tree = moment(shell.root), Directory(shell.root)
    return now, tree.stamps(*FOLDERS), tree.findings


def load_again(
    shell: Shell, memory: Any, found: tuple[int, Any, list[Any]], *, jobs: int | None = None
) -> Any:
    """``load_register`` of the working copy, reading only files that are not as they were.

    ``found`` is how the files lie (``lying``).  Returns (register, findings, digests by path,
    changed files as they were known before); ``memory`` then knows the files as they are.
    """
    from mulu.loading import records
    from mulu.record import Record
    from mulu.tree.directory import Directory
    from mulu.tree.memory import settled

    tree, schemas = Directory(shell.root), record_schemas(shell)
    now, stamps, findings = found
    tree.findings.extend(findings)
    known = {path: memory.files[path] for path, stamp in stamps.items() if path in memory.files and memory.files[path][0] == stamp}  # fmt: skip
    sources = dict(tree.some(path for path in stamps if path not in known))

    def positions(path: str) -> Any:
        return records.positions(path, (shell.root / path).read_bytes())

    def _known(row: Any, path: str) -> Any:
        kind = schemas.kind_of(path)
        if row is None or kind is None:
            return None
        return Record(kind.name, kind.key(path), path, row[2], partial(positions, path))

    gc.disable()
    try:
        loaded = load_files(sources.items(), schemas, jobs)
        digests = {path: row[1] for path, row in known.items()}
        safe = settled(stamps, now)
        for record in loaded.records:
            digests[record.path] = hashlib.blake2b(sources[record.path], digest_size=16).digest()
            if record.path in safe:
                known[record.path] = stamps[record.path], digests[record.path], record.data
        before = {path: _known(memory.files.get(path), path) for path in [*sources, *(path for path in memory.files if path not in stamps)]}  # fmt: skip
        memory.values["files"] = known
        for path, (_, _, data) in known.items():
            if path not in sources:
                loaded.records.append(_known((None, None, data), path))
    finally:
        gc.enable()
    register, findings = _register(shell, tree, loaded, None)
    return register, findings, digests, before


def load_cases(shell: Shell) -> Any:
    """The register of everything but resources and returns: cases, with the resources they are about.

    What ``todo`` needs; a fraction of the files of a large register.
    """
    from mulu.tree.directory import Directory

    tree = Directory(shell.root)
    schemas = record_schemas(shell)
    cases = [kind for kind in schemas.kinds.values() if "acts" in kind.schema["properties"]]
    others = [schemas.kinds[name] for name in ("agency", "library", "entry")]
    files = dict(tree.files(*sorted({kind.folder for kind in (*cases, *others)})))
    files |= dict(tree.some(["catalog/register.yml"]))
    about = set(_ABOUT.findall(b"\n".join(files.values())))
    files |= dict(tree.some(schemas.kinds["resource"].file(key.decode()) for key in about))
    return _indexed(shell, tree, files.items(), None, None)


def load_around(shell: Shell, path: str, source: bytes) -> Any:
    """The register as far as one case needs it: the case, who is who, and what it is about."""
    from mulu.tree.directory import Directory

    tree = Directory(shell.root)
    schemas = record_schemas(shell)
    about = {key.decode() for key in _ABOUT.findall(source)}
    laws = {key.decode() for key in _LAW.findall(source)}
    wanted = ["catalog/register.yml"]
    wanted += [schemas.kinds[name].file(key) for key in about for name in ("resource", "entry")]
    wanted += [schemas.kinds["law"].file(key) for key in laws]
    files = dict(tree.files(*(schemas.kinds[name].folder for name in ("agency", "library"))))
    files |= dict(tree.some(wanted))
    return _indexed(shell, tree, {**files, path: source}.items(), None, 1)


_ABOUT = re.compile(rb"^(?:resource|entry): *\"?([a-z0-9-]+/[a-z0-9-]+)", re.MULTILINE)
_LAW = re.compile(rb"^ *(?:- )?law: *\"?([a-z0-9-]+)", re.MULTILINE)


@cache
def record_schemas(shell: Shell) -> Any:
    """The kinds of record.  Raises Stop where they cannot be read."""
    from mulu.loading.schemas import Schemas

    try:
        return Schemas.load(shell.asset_files("schemas/records"))
    except ValueError as error:
        raise Stop(str(error)) from None


def _indexed(
    shell: Shell,
    tree: Tree,
    files: Iterable[tuple[str, bytes]],
    pack: str | None,
    jobs: int | None,
) -> Any:
    gc.disable()  # millions of small values and no cycles: collecting costs a third of the time
    try:
        return _register(shell, tree, load_files(files, record_schemas(shell), jobs), pack)
    finally:
        gc.enable()


def _register(shell: Shell, tree: Tree, loaded: Any, pack: str | None) -> Any:
    from mulu import register

    gc.disable()
    try:
        schemas, policies = record_schemas(shell), load_policies(shell)
        settings = next((r for r in loaded.records if r.kind == "register"), None)
        found = [*tree.findings, *loaded.findings, *policies.findings]
        own = _pack(policies, (settings.text("pack") if settings else "") or "shenzhen-2015", found)
        under = _pack(policies, pack, found) if pack else None
        indexed = register.index(
            loaded.records, schemas, under or own, loaded.broken, policies, under
        )
    finally:
        gc.enable()
        gc.freeze()
        gc.set_threshold(200_000, 50, 100)  # what follows makes few cycles too
    return indexed, found


class NoPack(Stop):
    """There is no rule to judge the register by; ``findings`` say what was found so far."""

    def __init__(self, message: str, findings: Sequence[Any]) -> None:
        super().__init__(message)
        self.findings = findings


@cache
def load_policies(shell: Shell) -> Any:
    """Every pack and the working calendar: the register's own, or the program's."""
    from mulu.policy import load

    return policies_from(
        (f"{folder}/{path}", source)
        for folder in load.FOLDERS
        for path, source in shell.asset_files(folder)
    )


def policies_from(files: Iterable[tuple[str, bytes]]) -> Any:
    """Packs and calendar from their files, with the schemas among them."""
    from mulu.loading.schemas import Schemas
    from mulu.policy import load

    sources = list(files)
    return load.load(sources, Schemas.load(sources))


def policy_schemas(shell: Shell) -> Any:
    """The schemas of packs and calendar."""
    from mulu.loading.schemas import Schemas
    from mulu.policy import load

    return Schemas.load((f"{folder}/{path}", source) for folder in load.FOLDERS for path, source in shell.asset_files(folder))  # fmt: skip


def _pack(policies: Any, name: str, findings: Sequence[Any]) -> Any:
    found = policies.named(name)
    if found is not None:
        return found
    known = "、".join(sorted({pack.name for pack in policies.packs.values()})) or "没有"
    raise NoPack(f"没有可用的规则包 {name}（schemas/policies/{name}/pack.yml）；可用：{known}", findings)  # fmt: skip


def load_files(files: Iterable[tuple[str, bytes]], schemas: Any, jobs: int | None = None) -> Any:
    """Records from files, in several processes where there are many; ``jobs`` 1 for never."""
    from mulu.loading import records

    everything = list(files)
    workers = jobs or os.cpu_count() or 1
    if workers == 1 or len(everything) < _PARALLEL_FROM:
        return records.load(everything, schemas)
    from concurrent.futures import ProcessPoolExecutor

    loaded = records.Loaded()
    batches = [everything[i : i + _BATCH] for i in range(0, len(everything), _BATCH)]
    with ProcessPoolExecutor(workers, initializer=_start_worker, initargs=(schemas,)) as pool:
        for batch, (kept, refused) in zip(batches, pool.map(_read_batch, batches), strict=True):
            for n, (data, fits) in enumerate(marshal.loads(kept)):  # noqa: S302  our own worker's
                path, source = batch[n]
                records.add(loaded, path, source, (refused.get(n, data), fits), schemas)
    return loaded


_worker_schemas: list[Any] = []


def _start_worker(schemas: Any) -> None:
    gc.disable()
    _worker_schemas.append(schemas)


def _read_batch(batch: list[tuple[str, bytes]]) -> tuple[bytes, dict[int, Any]]:
    """The batch's data, marshalled (ten times faster than pickled), and the refusals by position."""
    from mulu.loading import records

    outcomes = [records.read(path, source, _worker_schemas[0]) for path, source in batch]
    refused = {n: data for n, (data, _) in enumerate(outcomes) if not isinstance(data, dict)}
    kept = [(None if n in refused else data, fits) for n, (data, fits) in enumerate(outcomes)]
    return marshal.dumps(kept), refused


def line_reader(root: Path) -> Callable[[str, int], str]:
    """A function that gives a source line for a place, or '' where there is none."""
    cache: dict[str, list[str]] = {}

    def line(path: str, number: int) -> str:
        if path not in cache:
            try:
                cache[path] = (root / path).read_text("utf-8", "replace").split("\n")
            except OSError:
                cache[path] = []
        rows = cache[path]
        return rows[number - 1] if 0 < number <= len(rows) else ""

    return line


def has_colour() -> bool:
    """Whether to colour the output: a terminal, and NO_COLOR not set."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")  # noqa: TID251  the shell


def say(text: str) -> None:
    """Print to standard output, whatever its encoding."""
    click.echo(text, nl=not text.endswith("\n"))
