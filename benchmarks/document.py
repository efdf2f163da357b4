"""Puts the figures into docs/performance.md, between two markers, and the picture beside it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks.picture import picture
from benchmarks.report import Report
from benchmarks.targets import targets

PAGE: Final = Path(__file__).parents[1] / "docs" / "performance.md"
PICTURE: Final = PAGE.with_suffix(".svg")
BEGIN: Final = "<!-- figures -->"
END: Final = "<!-- /figures -->"


def write(report: Report) -> None:
    """Replace what was there."""
    before, rest = PAGE.read_text().split(BEGIN)
    _, after = rest.split(END)
    PICTURE.write_text(picture(report))
    PAGE.write_text(f"{before}{BEGIN}\n{figures(report)}\n{END}{after}")


def figures(report: Report) -> str:
    """All of them, with the day and the machine."""
    return f"""
![Requests a second of Doable and its rivals, a bar each]({PICTURE.name})

On {datetime.now(UTC):%Y-%m-%d}, on {report.machine.name}. `make bench` measures again and rewrites this part.

### Asked and reached

{targets(report)}

{report.tables()}
"""
