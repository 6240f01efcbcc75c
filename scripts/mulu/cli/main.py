"""The ``mulu`` command: parses, calls one module per command, turns failure into an exit code.

Commands are imported when they are called, so that ``mulu --help`` starts in a fraction
of a second.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import sys
import traceback
from pathlib import Path

import click

from mulu.cli.shell import ENVIRONMENT, FAULT, Stop

COMMANDS = {
    "init": ("mulu.cli.init", "建立一个新的登记簿"),
    "new": ("mulu.cli.new", "新建一条记录"),
    "check": ("mulu.cli.check", "检查整个登记簿"),
    "review": ("mulu.cli.review", "判断一次改动"),
    "explain": ("mulu.cli.explain", "说明一条检查规则"),
    "show": ("mulu.cli.show", "显示一条记录"),
    "act": ("mulu.cli.act", "给案件追加一个动作"),
    "stats": ("mulu.cli.stats", "一年的指标和考核得分"),
    "report": ("mulu.cli.report", "生成年度报告"),
    "todo": ("mulu.cli.todo", "谁最迟哪天要做什么"),
    "deadline": ("mulu.cli.deadline", "推算并逐日说明期限"),
    "fmt": ("mulu.cli.fmt", "把记录改写成规范的写法"),
    "import": ("mulu.cli.import_", "从已有的表格导入记录"),
    "intake": ("mulu.cli.intake", "把议题或填好的表单变成登记"),
    "forms": ("mulu.cli.forms", "生成平台上的议题表单"),
    "codeowners": ("mulu.cli.codeowners", "生成归属文件：谁来看哪一部分的修改"),
    "hook": ("mulu.cli.hook", "给 Git 仓库装上接收钩子"),
    "build": ("mulu.cli.build", "生成网站"),
    "serve": ("mulu.cli.serve", "在本机查看网站"),
}


class _Commands(click.Group):
    """Lists commands without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[cmd_name][0]).command
        assert isinstance(command, click.Command)  # noqa: S101  our own table
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("命令"):
            formatter.write_dl([(name, title) for name, (_, title) in COMMANDS.items()])


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="政务信息资源目录：编目、检查、发布。各命令的用法见 mulu 命令 --help。",
)
@click.version_option(package_name="mulu", message="mulu %(version)s")
def cli() -> None:
    """Hold the commands together."""


def main() -> None:
    """Run, and never show a traceback."""
    try:
        _leave(int(cli(standalone_mode=False) or 0))
    except click.Abort:
        sys.exit(130)
    except click.UsageError as error:
        _fail(f"{error.format_message()}（用法见 {_path(error)} --help）", 2)
    except click.ClickException as error:
        _fail(error.format_message(), 2)
    except Stop as stop:
        _fail(str(stop), stop.code)
    except OSError as error:
        _fail(_os_message(error), FAULT if error.errno == errno.ENOSPC else ENVIRONMENT)
    except Exception as error:
        _fail(_fault_message(error), FAULT)


def _leave(code: int) -> None:
    """End at once: the system frees in no time what Python would free object by object."""
    with contextlib.suppress(OSError):  # nobody reads any more
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def _fail(message: str, code: int) -> None:
    click.echo(f"mulu：{message}", err=True)
    sys.exit(code)


def _path(error: click.UsageError) -> str:
    return error.ctx.command_path if error.ctx else "mulu"


def _os_message(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "磁盘满了，没有写完；原来的文件没有改动。腾出空间后再试"
    where = f"：{error.filename}" if error.filename else ""
    return f"{error.strerror or type(error).__name__}{where}"


def _fault_message(error: Exception) -> str:
    """A fault of ours as one line: kind and place, never the text, which may quote a record."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "mulu" in Path(frame.filename).parts] or frames
    place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "?"
    return f"程序内部出错（{type(error).__name__}，{place}）；请把这一行报告给维护者"


if __name__ == "__main__":
    main()
