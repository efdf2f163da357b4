"""The one source of time, so that a test can move it."""

from datetime import UTC, datetime, timedelta
from typing import Final

LEEWAY: Final = timedelta(seconds=10)
"""By how much two machines' clocks may differ."""


def now() -> datetime:
    """The present instant, aware and in UTC."""
    return datetime.now(UTC)
