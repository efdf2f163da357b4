"""The PostgreSQL of the benchmarks: the one that the tests start, with its program from a wheel."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from support.postgresql import PostgreSQL

TESTS = Path(__file__).parents[1] / "tests"


@contextmanager
def postgresql() -> "Iterator[PostgreSQL]":
    """A server of its own, which has ended when the `with` has."""
    sys.path.append(str(TESTS))
    from support.postgresql import PostgreSQL, wheel_binaries

    with PostgreSQL(wheel_binaries()) as running:
        yield running
