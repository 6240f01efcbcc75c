"""``mulu explain``: what a rule wants, why, and how to mend."""

from __future__ import annotations

import click

from mulu.cli.shell import CLEAN, Shell, Stop, say, with_shell
from mulu.findings import Rule, article_name

LEVELS = {"error": "错误", "warning": "警告", "note": "提示"}


@click.command(help="说明一条规则；不写代号则列出全部。")
@click.argument("code", required=False)
@with_shell
def command(shell: Shell, code: str | None) -> int:
    """Explain one rule, or list all."""
    rules = all_rules()
    if code is None:
        width = max(map(len, rules))
        say("\n".join(f"{name:<{width}}  {LEVELS[rule.level]}  {rule.title}" for name, rule in rules.items()))  # fmt: skip
        return CLEAN
    if code not in rules:
        raise Stop(f"没有 {code!r} 这条规则；mulu explain 列出全部")
    say(explanation(shell, rules[code]))
    return CLEAN


def all_rules() -> dict[str, Rule]:
    """Every rule the program can speak by, by code."""
    from mulu.cli import step
    from mulu.judge import judges
    from mulu.loading import records, schemas, strict_yaml
    from mulu.policy import structure
    from mulu.tree import limits, objects, span

    rules = [judge.rule for judge in judges()]
    for module in (records, schemas, strict_yaml, structure, limits, objects, span, step):
        rules.extend(module.RULES)
    return {rule.code: rule for rule in sorted(rules, key=lambda rule: rule.code)}


def explanation(shell: Shell, rule: Rule) -> str:
    """The rule as text: title, article, why, and its tested examples."""
    article = f"  {article_name(rule.article)}" if rule.article else ""
    parts = [f"{rule.code}  {rule.title}（{LEVELS[rule.level]}）{article}", "", *rule.paragraphs]
    parts += ["", f"会这样说：{rule.says}", f"怎么改：{rule.fix}"]
    for title, text in examples(shell, rule.code):
        parts += ["", title, *(f"    {line}" for line in text.rstrip("\n").split("\n"))]
    return "\n".join(parts)


def examples(shell: Shell, code: str) -> list[tuple[str, str]]:
    """The rule's own test examples as (title, text): one that fails, one that passes."""
    found: list[tuple[str, str]] = []
    for word, title in (("fail", "有问题的写法"), ("pass", "没有问题的写法")):
        folder = shell.assets / ("examples" if (shell.assets / "examples").is_dir() else "tests/examples")  # fmt: skip
        for example in sorted(folder.glob(f"{code}/{word}-*"))[:1]:
            for file in sorted((example / "head").rglob("*.yml")):
                path = file.relative_to(example / "head").as_posix()
                found.append((f"{title}：{path}", file.read_text("utf-8")))
    return found
