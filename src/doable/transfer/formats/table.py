"""The formats of other programs."""

from collections.abc import Sequence
from typing import Final

from doable.transfer.formats import google_tasks, ics, microsoft, outlook, plain, ticktick, todoist, todotxt, vikunja
from doable.transfer.found import Format

OTHERS: Final[Sequence[Format]] = (
    vikunja,
    google_tasks,
    microsoft,
    ics,
    ticktick,
    todoist,
    outlook,
    todotxt,
    plain,
)
"""In the order in which a file is shown to them: those that would take any text, or any table, are the last."""
