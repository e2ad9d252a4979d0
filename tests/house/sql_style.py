"""sqlfluff for named statements: `python -m tests.house.sql_style` lints each one on its own.

A file of named statements is no script, and its statements end without a semicolon, so sqlfluff cannot read it whole.
"""

import os
import sys
from concurrent.futures import ProcessPoolExecutor

from sqlfluff.core import FluffConfig, Linter

from tests.house.source import ROOT
from tests.house.statements import Statement, find_statements


def violations(statements: list[Statement]) -> list[str]:
    """What sqlfluff has against the statements, one line each."""
    linter = Linter(config=FluffConfig.from_path(str(ROOT)))
    found = []
    for statement in statements:
        # A parameter stands for a value: under its bare name, %(limit)s would read as a keyword.
        text = statement.text.replace("%%", "%").replace("%(", "%(given_")
        # sqlfluff knows no option of COPY in parentheses.
        text = text.replace(" (FORMAT binary)", "")
        for fault in linter.lint_string(f"{text}\n").get_violations():
            line = statement.line + fault.line_no
            found.append(f"{statement.file}:{line} {statement.name}: {fault.rule_code()} {fault.desc()}")
    return found


if __name__ == "__main__":
    every = find_statements()
    with ProcessPoolExecutor() as pool:
        # Dealt out in turns: the long statements of one file stand together.
        hands = [every[place :: os.cpu_count() or 1] for place in range(os.cpu_count() or 1)]
        faults = sorted(fault for found in pool.map(violations, hands) for fault in found)
    print("\n".join(faults) or f"{len(every)} statements of SQL, no fault.")
    sys.exit(bool(faults))
