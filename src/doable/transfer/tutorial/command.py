"""What `doable import URL --from tutorial` does: accounts with the passwords that people have, and their tasks."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from tempfile import TemporaryFile
from typing import BinaryIO, Final

from doable.accounts.gate.repository import revoked_until
from doable.accounts.users.repository import UserRepository
from doable.database import Database, Row, open_database
from doable.errors import EmailTaken, ImportInProgress
from doable.settings import Settings
from doable.terminal import printable
from doable.transfer.command import Source, import_source
from doable.transfer.tutorial.reading import Old, OldUser, read, tasks
from doable.transfer.tutorial.tasks import TutorialTasks

MOST_REMOVED: Final = 8
"""So often within an hour somebody can move in, be removed, and still be known the next time."""
_IDS: Final = uuid.UUID("5b0c1d0e-7c43-5c1b-9a0e-2f8d3f6f3c52")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for."""

    url: str
    is_dry: bool
    into_existing: bool
    """Whether tasks are added to an account that has the e-mail already."""


Say = Callable[[str], None]


async def run(settings: Settings, asked: Asked, old: Old, rest: BinaryIO, say: Say) -> None:
    """Make the accounts and tasks, or say what would be made. `say` gets a line for each user, and for what is not understood."""
    moving = _Moving(settings, asked, old, rest)
    async with open_database(settings) as database:
        for user in old.users:
            say(await moving.take(database, user))
    if moving.told:
        say("")
        say(f"Not understood, or not taken over as it was: {len(moving.told)}")
        for each in moving.told:
            say(f"  {printable(each)}")


def gather(asked: Asked) -> tuple[Old, BinaryIO]:
    """What the old database has, and the open file with the tasks."""
    rest = TemporaryFile()  # noqa: SIM115 - the caller closes it
    return read(asked.url, rest), rest


@dataclass(slots=True)
class _Moving:
    settings: Settings
    asked: Asked
    old: Old
    rest: BinaryIO

    @property
    def told(self) -> list[str]:
        return self.old.not_understood

    async def take(self, database: Database, user: OldUser) -> str:
        """A user with all tasks, and the line about it."""
        users = UserRepository(database)
        holder = await users.find_by_email(user.email)
        id_, is_there = await self._id(database, users, user, holder)
        state = "there already" if is_there else "new"
        if not is_there and holder is not None:
            if not self.asked.into_existing:
                return self._skip(user)
            id_, state = holder["id"], "into the account that is there"
        elif not is_there:
            try:
                await self._add(database, users, user, id_)
            except EmailTaken:  # in this moment
                return self._skip(user)
        start, end = self.old.places.get(user.key, (0, 0))
        if start == end:
            return f"{user.email}  {state}, no tasks"
        self.rest.seek(start)
        source = Source(BytesIO(self.rest.read(end - start)), "tutorial", TutorialTasks(self.old.highest_priority))
        try:
            found = await import_source(database, id_, self.settings, source, is_dry=self.asked.is_dry)
        except ImportInProgress as error:
            self.told.append(f"the tasks of {user.email}: {error}")
            return f"{user.email}  {state}, no tasks"
        return f"{user.email}  {state}, {self._numbers(user, found)}"

    async def _id(
        self, database: Database, users: UserRepository, user: OldUser, holder: Row | None
    ) -> tuple[str, bool]:
        """The id of who has come from this very row, and True; or one for who comes now.

        After a removal it is another one: for a while, nobody gets in who has the id of the removed.
        """
        ids = [str(uuid.uuid5(_IDS, f"{user.key}\n{user.email.lower()}\n{number}")) for number in range(MOST_REMOVED)]
        if holder is not None and holder["id"] in ids:
            return holder["id"], True
        for id_ in ids:
            if await users.find(id_) is not None:  # with another address by now
                return id_, True
            if await revoked_until(database, id_) is None:
                return id_, False
        return str(uuid.uuid4()), False

    async def _add(self, database: Database, users: UserRepository, user: OldUser, id_: str) -> None:
        if self.asked.is_dry:
            return
        work = users.add(
            email=user.email,
            name=user.name,
            password_hash=user.password_hash,
            user_id=id_,
            created_at=user.created_at,
            is_verified=user.is_verified,
        )
        await database.write(work)

    def _skip(self, user: OldUser) -> str:
        self.told.append(
            f"the user {user.email}: there is an account with this e-mail (--into-existing adds the tasks to it)"
        )
        return f"{user.email}  skipped"

    def _numbers(self, user: OldUser, found: Row) -> str:
        numbers = found["kinds"]["task"]
        for each in found["not_understood"]["items"]:
            of = f" ({each['of']})" if each["of"] else ""
            self.told.append(f"{user.email}: {each['what']}{of}")
        if more := found["not_understood"]["total"] - len(found["not_understood"]["items"]):
            self.told.append(f"{user.email}: {more} more")
        if limit := found.get("exceeds") or found.get("stopped_by"):
            self.told.append(f"{user.email}: it stops at the limit of {limit}")
        made = "would be made" if self.asked.is_dry else "made"
        return f"{tasks(numbers['found'])}: {numbers['made']} {made}, {numbers['there']} there already"
