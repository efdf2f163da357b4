"""The SQL of saved filters: that of every kind."""

from collections.abc import Mapping
from typing import Any, Final

from doable.errors import FilterNotFound
from doable.owned.ordering import OrderedRepository
from doable.tasks import filter_text
from doable.tasks.found_by import READ_FILTERS, FilterRow, filters

MAX_FILTERS: Final = 200


class FilterRepository(OrderedRepository[FilterRow]):
    """One owner's saved filters."""

    kind = "filter"
    table = filters
    read = READ_FILTERS
    not_found = FilterNotFound
    most = MAX_FILTERS

    @staticmethod
    def to_columns(old: FilterRow | None, members: Mapping[str, Any]) -> Mapping[str, Any]:
        """Raises FilterInvalid for a query that cannot be read."""
        del old
        if "query" in members:
            filter_text.parse(members["query"], "body", "query")
        return members
