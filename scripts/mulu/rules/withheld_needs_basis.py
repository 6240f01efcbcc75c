"""共享是原则，不共享是例外。不能共享的，要提供法律依据（第四条），依据是法律、法规、
规章（第十二条），并写到条。只写“涉密”“内部资料”不是依据。"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mulu.findings import Finding, Rule
from mulu.register import Register

RULE = Rule(
    code="withheld-needs-basis",
    title="不予共享没有依据",
    says="“{resource}”声明为不予共享，但没有写明依据的法律条款",
    fix="在 sharing.basis 下写 law 和 clause；没有依据就应当共享",
    why=__doc__ or "",
    article=4,
)


def check(register: Register, day: date) -> Iterator[Finding]:
    """Resources declared withheld without a clause-level basis."""
    for record in register.live_resources:
        declared = record.text("sharing", "declared")
        if register.pack.is_withheld(declared) and not record.rows("sharing", "basis"):
            yield RULE.finding(record.at("/sharing/basis"), resource=record.title)
