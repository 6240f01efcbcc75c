"""``mulu act``: append the next act of a case, or say why not and what may come next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import click

from mulu.cli.flags import values_of
from mulu.cli.shell import (
    CLEAN,
    FINDINGS,
    Shell,
    Stop,
    has_colour,
    load_around,
    record_schemas,
    say,
    with_shell,
)


@click.command(
    help="给案件追加一个动作，例如：mulu act 2026/jiaoyu--huji-renkou notify --by zhengshu "
    "--set to=gongan --set received_on=2026-11-20。不写动作则说明案件的状态和下一步。"
)
@click.argument("case")
@click.argument("act", required=False)
@click.option("--by", "agency", help="由哪个单位做，写代号。")
@click.option("--as", "capacity", help="以哪一项职责做；不写则由程序推定。")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="哪一天做的，不写为今天。")
@click.option("--set", "values", multiple=True, metavar="栏目=值", help="动作的一个栏目，可写多次，如 reason=…、basis.0.law=…。")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="只显示，不写文件。")
@with_shell
def command(
    shell: Shell,
    case: str,
    act: str | None,
    agency: str | None,
    capacity: str | None,
    day: datetime | None,
    values: Sequence[str],
    dry_run: bool,
) -> int:
    """Play the case with the act added; write it only if nothing refuses it."""
    from mulu.cli.cases import state_lines, title_of
    from mulu.loading import canonical, strict_yaml
    from mulu.publish import write_file

    path, source = find_case(shell, case)
    if act is None:
        register, findings = load_around(shell, path, source)
        record = _case_at(register, path)
        if record is None:
            return _refuse(shell, path, source, [f for f in findings if f.place.path == path])
        say("\n".join([title_of(register, record), *state_lines(register, record, shell.today)]))
        return CLEAN
    if agency is None:
        raise Stop("请用 --by 写明由哪个单位做")
    data = strict_yaml.load(path, source)
    if not isinstance(data, dict) or not isinstance(data.get("acts"), list):
        return _refuse(shell, path, source, [data] if not isinstance(data, dict) else [])
    schema = record_schemas(shell).kind_of(path).schema
    row: dict[str, Any] = {"act": act, "date": str(day.date() if day else shell.today), "by": agency}  # fmt: skip
    row |= {"as": capacity} if capacity else {}
    row |= values_of(values, schema["properties"]["acts"]["items"])
    new, register, findings = _with_act(shell, path, source, data, row, schema)
    record = _case_at(register, path)
    if record is not None and not findings and capacity is None:
        role = _role_of(register, record, shell)
        if role:
            new, register, findings = _with_act(
                shell, path, source, data, {**row, "as": role}, schema
            )
            record = _case_at(register, path)
    if findings or record is None:
        return _refuse(shell, path, new, findings)
    if dry_run:
        say(canonical.dump({"acts": [record.rows("acts")[-1]]}, schema).decode())
    else:
        write_file(shell.root / path, new)
        say(f"已追加到 {path}")
    say("\n".join([title_of(register, record), *state_lines(register, record, shell.today)]))
    return CLEAN


def find_case(shell: Shell, name: str) -> tuple[str, bytes]:
    """The path and the bytes of a case named by its key, ``kind/key`` or path.

    Raises Stop where there is none, or where several kinds have a case of that key.
    """
    kinds = [k for k in record_schemas(shell).kinds.values() if "acts" in k.schema["properties"]]
    wanted = {name} | {kind.file(name) for kind in kinds}
    wanted |= {kind.file(name.removeprefix(f"{kind.name}/")) for kind in kinds if name.startswith(f"{kind.name}/")}  # fmt: skip
    paths = sorted(
        path
        for path in wanted
        if any(kind.pattern.match(path) for kind in kinds) and (shell.root / path).is_file()
    )
    if len(paths) > 1:
        raise Stop(f"{name} 有几个案件，请写路径：{'、'.join(paths)}")
    if not paths:
        raise Stop(f"没有案件 {name!r}；写代号（如 2026/jiaoyu--huji-renkou）或路径，mulu todo 列出待办的案件")  # fmt: skip
    return paths[0], (shell.root / paths[0]).read_bytes()


def _with_act(
    shell: Shell,
    path: str,
    source: bytes,
    data: dict[str, Any],
    row: dict[str, Any],
    schema: Mapping[str, Any],
) -> tuple[bytes, Any, list[Any]]:
    """The file with the act, the register around it, and what is wrong with the case then."""
    from mulu.judge import judge, judges
    from mulu.loading import canonical

    new = canonical.format_source(source, {**data, "acts": [*data["acts"], row]}, schema)
    register, findings = load_around(shell, path, new)
    findings = [finding for finding in findings if finding.place.path == path]
    if not findings:
        among = [one for one in judges() if one.rule.code in _ABOUT_ACTS or one.rule.code.startswith("act-")]  # fmt: skip
        found = judge(register, shell.today, among=among).findings
        findings = [
            f for f in found if f.place.path == path and f.place.pointer.startswith(("/acts", "/pack"))
        ]  # fmt: skip
    return new, register, findings


_ABOUT_ACTS = {"date-in-future", "unknown-reference", "unknown-clause", "not-in-pack", "unknown-pack", "no-procedure"}  # fmt: skip


def _case_at(register: Any, path: str) -> Any:
    return next((case for case in register.cases if case.path == path), None)


def _role_of(register: Any, record: Any, shell: Shell) -> str:
    """The role in which the last act was done; '' where it was done as a party of the case."""
    played = register.replay(record, shell.today)
    step = played.history[-1] if played and played.history else None
    if step is None:
        return ""
    party = played.procedure.parties.get(step.capacity)
    if party is None:
        return str(step.capacity)
    return str(record.text(party.role_of)) if party.role_of else ""


def _refuse(shell: Shell, path: str, source: bytes, findings: Sequence[Any]) -> int:
    from mulu.findings import Verdict
    from mulu.reporters import terminal

    rows = source.decode("utf-8", "replace").split("\n")

    def line(where: str, number: int) -> str:
        return rows[number - 1] if where == path and 0 < number <= len(rows) else ""

    verdict = Verdict(tuple(findings), 1)
    say(terminal.render(verdict, translate=str, lines=line, colour=has_colour()))
    say("没有写文件")
    return FINDINGS
