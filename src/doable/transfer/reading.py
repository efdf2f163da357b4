"""Reads a file. What only the database knows is asked for meanwhile, so that this can be done by a process that has none."""

from contextlib import closing
from itertools import islice
from typing import BinaryIO, Final

from doable.transfer.fitting import Fitting
from doable.transfer.found import Reading
from doable.transfer.looking import look
from doable.transfer.plan import Plan
from doable.transfer.recognising import format_of
from doable.transfer.telling import Asked, Telling

TOGETHER: Final = 50
"""So many slices are told at a time, and stored in one transaction. Of long descriptions these are 10 MB of JSON."""


def read(file: BinaryIO, asked: Asked) -> Telling:
    """Tell what is in the file. Raises FileUnreadable."""
    format_ = asked.format
    if format_ is None or isinstance(format_, str):
        format_ = format_of(file, asked.filename, format_)
    reading = Reading(now=asked.now, timezone=asked.timezone, language=asked.language, filename=asked.filename)
    with closing(Plan(format_, asked.owner_id, Fitting(asked.longest_description, asked.now))) as plan:
        plan.read(file, reading)
        yield from look(plan)
        yield plan.outline(is_dry=asked.is_dry)
        if not asked.is_dry:
            slices = plan.slices()
            while some := [*islice(slices, TOGETHER)]:
                yield some
