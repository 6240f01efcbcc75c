"""``mulu import``: records from what an agency already has, and a report of every row."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from mulu.cli.shell import CLEAN, ENVIRONMENT, FINDINGS, Shell, Stop, say, with_shell

_CHUNK = 1 << 16
_SHOWN = 10  # refused rows on the terminal; the report has them all
_FOLDERS = ("catalog/agencies", "catalog/resources")
_OUTCOMES = {"taken": "收录", "merged": "并入", "refused": "拒收"}
_FILES = {"new": "新建", "changed": "改写", "same": "不变", "": ""}


@click.group("import", help="从已有的表格导入记录。")
def command() -> None:
    """Hold the kinds of source together."""


@command.command(
    help="按映射把一张 CSV、JSON 或 XLSX 表的每一行导入登记簿。收下的、改动的、拒收的逐行写进报告；"
    "再次导入同一张表不改动任何文件。"
)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--map", "map_", required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False), help="说明各列怎样对应的映射文件。")  # fmt: skip
@click.option("--register", type=click.Path(path_type=Path, exists=True, file_okay=False), help="登记簿所在的文件夹，同 --root。")  # fmt: skip
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="逐行的报告写到这个 .csv 或 .json 文件。")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="只出报告，不写登记簿。")
@with_shell
def table(
    shell: Shell, file: Path, map_: Path, register: Path | None, report: Path | None, dry_run: bool
) -> int:
    """Read, convert, and only then write."""
    from mulu.publish import write_file

    if report is not None and report.suffix not in (".csv", ".json"):
        raise Stop(f"--report {report.name} 须以 .csv 或 .json 结尾")
    target = Shell(register, shell.given_today) if register else shell
    if not (target.root / "catalog" / "register.yml").is_file():
        raise Stop(f"{target.root} 不是登记簿（没有 catalog/register.yml）；用 mulu init 新建")
    result = _result(target, file, map_)
    if report is not None:
        write_file(report, _report(result, report.suffix))
    if not dry_run:
        for path, source in result.files:
            write_file(target.root / path, source)
    say("\n".join(_summary(result, report, dry_run=dry_run)))
    return CLEAN if all(line.is_by_rule for line in result.lines) else FINDINGS


def _result(shell: Shell, file: Path, map_: Path) -> Any:
    """What the table comes to.  Raises Stop for a map or a table that cannot be used."""
    from mulu.formats import table as tables
    from mulu.formats.mapping import parsing, records
    from mulu.formats.mapping.plan import MapError
    from mulu.loading.schemas import Schemas

    schemas = Schemas.load(shell.asset_files("schemas/records"))
    try:
        plan = parsing.parse(map_.name, map_.read_bytes(), schemas)
        rows = tables.rows(_chunks(file), tables.layout_of(plan.file))
        return records.convert(rows, plan, schemas, _held(shell.root))
    except MapError as error:
        raise Stop("\nmulu：".join(error.lines)) from None
    except tables.TableError as error:
        raise Stop(f"{file.name}：{error}") from None
    except ModuleNotFoundError as error:
        raise Stop(f"缺少 {error.name}；运行 pip install 'mulu[tables]'", ENVIRONMENT) from None


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _held(root: Path) -> Iterator[tuple[str, bytes]]:
    from mulu.tree.directory import Directory

    tree = Directory(root)
    yield from tree.files(*_FOLDERS)
    for finding in tree.findings:
        raise Stop(f"{finding.place.path}：{finding.sentence(str, str)}；先运行 mulu check")


def _summary(result: Any, report: Path | None, *, dry_run: bool) -> Iterator[str]:
    from mulu.formats.mapping.notes import File, Outcome, counted

    taken, merged, refused = (result.count(outcome) for outcome in Outcome)
    yield f"读入 {len(result.lines)} 行：收录 {taken}，并入 {merged}，拒收 {refused}"
    if result.blank_rows:
        yield f"另有空行 {result.blank_rows}"
    new, changed, same = (result.records(file) for file in File)
    yield f"资源：新建 {new}，改写 {changed}，不变 {same}；新建单位 {result.new_agencies}"
    reasons, notes = counted(result.lines)
    yield from (f"  拒收 {count:>5}  {title}" for title, count in reasons.items())
    yield from (f"  改动 {count:>5}  {title}" for title, count in notes.items())
    if result.unmapped:
        yield f"没有用到、映射也没有说明的列：{'、'.join(result.unmapped)}"
    yield from _first_refused(result.lines)
    written = "没有写登记簿（--dry-run）" if dry_run else f"写了 {len(result.files)} 个文件"
    yield f"{written}；报告：{report}" if report else f"{written}；逐行的报告用 --report 文件.csv"


def _first_refused(lines: Iterable[Any]) -> Iterator[str]:
    refused = [line for line in lines if line.reasons]
    for line in refused[:_SHOWN]:
        yield f"第 {line.row} 行拒收：{'；'.join(note.sentence for note in line.reasons)}"
    if len(refused) > _SHOWN:
        yield f"……还有 {len(refused) - _SHOWN} 行拒收"


def _report(result: Any, suffix: str) -> bytes:
    return _report_json(result) if suffix == ".json" else _report_csv(result)


def _report_csv(result: Any) -> bytes:
    """For a spreadsheet; no cell begins with a stranger's text, so none is a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["行", "结果", "记录", "文件", "原因", "说明"])
    for line in result.lines:
        reasons = "；".join(note.sentence for note in line.reasons)
        notes = "；".join(note.sentence for note in line.notes)
        file = _FILES[line.file or ""]
        writer.writerow([line.row, _OUTCOMES[line.outcome], line.record, file, reasons, notes])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _report_json(result: Any) -> bytes:
    from mulu.formats.mapping.notes import Outcome

    summary = {str(outcome): result.count(outcome) for outcome in Outcome}
    document = {
        "version": 1,
        "summary": {"rows": len(result.lines), **summary, "blank": result.blank_rows},
        "unmapped": list(result.unmapped),
        "rows": [_row(line) for line in result.lines],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _row(line: Any) -> dict[str, object]:
    return {
        "row": line.row,
        "outcome": str(line.outcome),
        "record": line.record,
        "file": str(line.file or ""),
        "reasons": [_note(note) | {"by_rule": note.by_rule} for note in line.reasons],
        "notes": [_note(note) for note in line.notes],
    }


def _note(note: Any) -> dict[str, object]:
    return {"code": note.code, "column": note.column, "value": note.value, "message": note.sentence}
