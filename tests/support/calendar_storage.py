"""What CalDAV's clients keep, by the repository itself: what a route does with it is no matter here."""

import asyncio
import uuid
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from doable.caldav.repository import CalendarRepository, Collection, Put, Resource
from doable.database import Transaction, open_database
from doable.owned.answers import answer
from doable.owned.limits import Limits
from doable.owned.repository import Revisions
from doable.owned.writes import Writes
from support.schema import rows_of, settings_of
from support.server import Server
from support.users import User

T = TypeVar("T")
Doing = Callable[[CalendarRepository, Transaction], Coroutine[Any, Any, T]]


def names_of(server: Server, user: User) -> list[tuple[str | None, str | None, str]]:
    """Of each of the user's tasks the name and the UID that are not its own, and its id."""
    rows = rows_of(settings_of(server), "tasks")
    return [(row["ical_name"], row["ical_uid"], str(row["id"])) for row in rows if str(row["owner_id"]) == user.id]


KEPT = ("ical_name", "ical_uid", "ical_parent", "ical_text", "exceptions")


def bytes_kept(server: Server, user: User) -> int:
    """How much of the user's tasks is kept for calendar programs: names, UIDs and texts that the API does not tell."""
    rows = rows_of(settings_of(server), "tasks")
    return sum(len((row[name] or "").encode()) for row in rows if str(row["owner_id"]) == user.id for name in KEPT)


class Calendars:
    """One user's."""

    def __init__(self, server: Server, user: User, limits: Limits | None = None) -> None:
        self._settings = settings_of(server)
        self.user = user
        self._limits = limits or Limits()

    def read(self, doing: Doing[T]) -> T:
        """From one snapshot."""

        async def read() -> T:
            async with open_database(self._settings) as database:
                calendars = CalendarRepository(database, self.user.id, self._limits)
                return await database.read(lambda tx: doing(calendars, tx))

        return asyncio.run(read())

    def write(self, doing: Doing[T]) -> tuple[T, str]:
        """In one transaction. Also answers the token that undoes it."""
        results: list[T] = []

        async def write() -> str | None:
            async with open_database(self._settings) as database:
                calendars = CalendarRepository(database, self.user.id, self._limits)
                writes = Writes(
                    database, self.user.id, max_kept_bytes=2**26, undo_token=str(uuid.uuid4()), name="caldav"
                )

                async def work(tx: Transaction) -> None:
                    results.append(await doing(calendars, tx))

                return (await writes(work, answer, long=True)).undo_token

        token = asyncio.run(write())
        assert token is not None
        return results[-1], token

    def at(self, segment: str = "inbox") -> Collection:
        """The collection there."""
        found = self.read(lambda calendars, tx: calendars.collection(tx, segment))
        assert found is not None
        return found

    def put(
        self,
        list_id: str,
        name: str,
        uid: str,
        *,
        text: str = "",
        expected: Revisions | None = None,
        must_be_new: bool = False,
        **fields: Any,
    ) -> Put:
        """A task of a client's."""
        whole = {"title": uid, **fields}
        how: Any = {"expected": expected, "must_be_new": must_be_new}

        async def put(calendars: CalendarRepository, tx: Transaction) -> Put:
            return await calendars.put_task(list_id, name, uid, lambda _: whole, text or uid, **how)(tx)

        return self.write(put)[0]

    def delete(self, list_id: str, name: str) -> str:
        """The token that undoes it."""
        return self.write(lambda calendars, tx: calendars.remove(list_id, name)(tx))[1]

    def move(self, list_id: str, name: str, to_id: str, to_name: str) -> str:
        """The token that undoes it."""
        return self.write(lambda calendars, tx: calendars.move(list_id, name, to_id, to_name)(tx))[1]

    def put_event(self, list_id: str, name: str, uid: str, *, text: str = "") -> Put:
        """An event."""
        return self.write(lambda calendars, tx: calendars.put_object(list_id, name, uid, "VEVENT", text or uid)(tx))[0]

    def find(self, list_id: str, name: str) -> Resource | None:
        """The resource of this name."""
        return self.read(lambda calendars, tx: calendars.find(tx, list_id, name))

    def there(self, list_id: str, name: str) -> Resource:
        """The one that there is."""
        found = self.find(list_id, name)
        assert found is not None
        return found

    def names(self, list_id: str) -> set[str]:
        """The names of all resources."""
        return {each.name for each in self.read(lambda calendars, tx: calendars.listing(tx, list_id))}

    def since(self, list_id: str, token: int) -> tuple[set[str], set[str]]:
        """The names of what has changed since, and of what is gone."""
        changed = self.read(lambda calendars, tx: calendars.changed(tx, list_id, token))
        there = {each.name for each in changed.entries if hasattr(each, "component")}
        return there, {each.name for each in changed.entries} - there
