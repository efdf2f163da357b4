"""The SQL of lists that other kinds do not have."""

from typing import Final

from doable.errors import ListNotFound
from doable.owned.ordering import OrderedRepository
from doable.tasks.tables import READ_LISTS, ListRow, lists

MAX_LISTS: Final = 500


class ListRepository(OrderedRepository[ListRow]):
    """One owner's lists."""

    kind = "list"
    table = lists
    read = READ_LISTS
    not_found = ListNotFound
    most = MAX_LISTS
