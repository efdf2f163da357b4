"""The SQL of lists that other kinds do not have."""

from collections.abc import Sequence
from typing import Final

from doable.database import Transaction
from doable.errors import ListNotFound
from doable.owned.ordering import OrderedRepository
from doable.preferences.repository import forget_list
from doable.tasks.tables import READ_LISTS, ListRow, lists

MAX_LISTS: Final = 500


class ListRepository(OrderedRepository[ListRow]):
    """One owner's lists."""

    kind = "list"
    table = lists
    read = READ_LISTS
    not_found = ListNotFound
    most = MAX_LISTS

    async def bury(self, tx: Transaction, rows: Sequence[ListRow], revision: int) -> None:
        """A list that goes is the default of new tasks no longer."""
        await super().bury(tx, rows, revision)
        for row in rows:
            await forget_list(tx, self._owner_id, row["id"])
