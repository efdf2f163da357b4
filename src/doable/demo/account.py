"""Making the account: its user, what there is a lot of, and the story of the last weeks."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from doable import clock
from doable.accounts.passwords.hashing import Passwords
from doable.accounts.users.repository import VERIFY_EMAIL, UserRepository
from doable.database import Database, Row, Transaction, open_database
from doable.demo import english, german
from doable.demo.acting import Actor, set_clock
from doable.demo.content import Content
from doable.demo.many import OPEN, add_completed, add_open, days_of
from doable.demo.story import LENGTH, Story
from doable.owned.answers import gone
from doable.owned.limits import Limits
from doable.owned.writes import Writes
from doable.preferences.repository import PreferencesRepository
from doable.settings import Settings
from doable.tasks.preferred import DEFAULTS

CONTENTS: Final = {each.language: each for each in (english.CONTENT, german.CONTENT)}

LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Those that nobody takes for another one."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the account is to be like."""

    email: str
    language: Literal["en", "de"]
    tasks: int
    """So many open ones besides."""
    completed: int
    """So many completed ones besides, of daily series."""


async def make(settings: Settings, asked: Asked) -> str:
    """Make the account; its password. If anything fails, there is none. Raises EmailTaken."""
    password = new_password(settings.min_password_length)
    content, now = CONTENTS[asked.language], clock.now()
    set_clock(now - LENGTH - max(OPEN, timedelta(days=days_of(content, asked.completed))))
    async with open_database(settings) as database:
        user = await _sign_up(database, asked.email, content.name, password)
        limits = Limits(settings.max_tasks, settings.max_stored_bytes)
        try:
            await _fill(Actor(database, user["id"], limits), content, asked, now, settings.max_kept_bytes)
        except BaseException:
            set_clock(now)
            # What is left of it a server deletes.
            users = UserRepository(database)
            await database.write(users.remove(user["id"], tokens_live=settings.token_lifetime), owner_id=user["id"])
            raise
    return password


def new_password(shortest: int) -> str:
    """One that is easily read and typed, and of 59 bits at least."""
    groups = max(3, shortest // 5 + 1)
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(groups))


async def _sign_up(database: Database, email: str, name: str, password: str) -> Row:
    """The new user. Nobody is asked whether the address is theirs: it is none, most likely, and no mail goes there."""
    passwords = Passwords()
    password_hash = await passwords.hash(password)
    passwords.close()
    add = UserRepository(database).add(email=email, name=name, password_hash=password_hash)

    async def work(tx: Transaction) -> Row:
        user = await add(tx)
        await tx.one(VERIFY_EMAIL, user_id=user["id"], now=clock.now())
        return user

    return await database.write(work)


async def _fill(actor: Actor, content: Content, asked: Asked, now: datetime, max_kept_bytes: int) -> None:
    database, owner_id = actor.database, actor.owner_id
    if content.language != DEFAULTS["language"]:
        changes = {"language": content.language, "timezone": content.timezone}
        await database.write(PreferencesRepository(database, owner_id).change(changes), owner_id=owner_id)

    async def tell(tx: Transaction) -> None:
        await Story(tx, actor, content, now).tell()

    await database.write(tell, owner_id=owner_id, long=True)
    await _delete_one(actor, content, now - timedelta(days=2), max_kept_bytes)
    # Last, so that their lists stand behind the others. They were there before, but nobody sees that.
    await add_completed(actor, content, asked.completed, now - timedelta(days=days_of(content, asked.completed)))
    await add_open(actor, content, asked.tasks, now - LENGTH - OPEN)


async def _delete_one(actor: Actor, content: Content, at: datetime, max_kept_bytes: int) -> None:
    """Something is in what was deleted lately."""
    (made,) = await actor.write(at - timedelta(days=4), [{"op": "create", "task": {"title": content.deleted}}])
    write = Writes(actor.database, actor.owner_id, max_kept_bytes=max_kept_bytes, undo_token=str(uuid.uuid4()))
    await write(actor.does(at, [{"op": "delete", "id": made["id"]}]), gone)
