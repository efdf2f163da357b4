"""`compat/caldav.md`: what others' testers found, and which test shows each clause. `make compat` compares the former with what it finds."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LEDGER: Final = Path(__file__).parents[2] / "compat" / "caldav.md"


def part(name: str) -> re.Pattern[str]:
    """What `make compat` has found of this, between two marks."""
    return re.compile(rf"(<!-- {name} -->\n\n)(.*?)(\n\n<!-- end -->)", re.DOTALL)


def hold(name: str, found: str) -> None:
    """It says just that; with WRITE=1 it will from now on."""
    text = LEDGER.read_text()
    kept = part(name).search(text)
    assert kept is not None, name
    if os.environ.get("WRITE"):
        LEDGER.write_text(part(name).sub(lambda match: f"{match[1]}{found}{match[3]}", text))
    else:
        assert kept[2] == found, f"WRITE=1 make compat puts this into {LEDGER}"


@dataclass(frozen=True, slots=True)
class Clause:
    """A row of the ledger: what an RFC says, whether it is so, and by what one sees it."""

    rfc: str
    number: str
    word: str
    says: str
    verdict: str
    tests: tuple[tuple[str, str], ...]
    """Files and the names of tests in them."""


def clauses() -> list[Clause]:
    """All of them, in their order."""
    found = []
    for rfc, table in re.findall(r"^### (RFC [^\n]+)\n\n((?:\|[^\n]*\n)+)", LEDGER.read_text() + "\n", re.MULTILINE):
        for line in table.splitlines()[2:]:
            number, word, says, verdict, tests = (cell.strip() for cell in line.strip("|").split(" | "))
            named = tuple(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", tests))
            found.append(Clause(rfc, number, word, says, verdict, named))
    return found
