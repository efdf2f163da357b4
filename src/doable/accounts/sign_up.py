"""Signing up: the one way in which a user comes to be."""

from dataclasses import dataclass

from doable.accounts.links.postman import Postman
from doable.accounts.mail_addresses import check_reachable
from doable.accounts.passwords.hashing import Passwords
from doable.accounts.schemas import SignUp
from doable.accounts.sessions.repository import Opened, SessionRepository
from doable.accounts.users.repository import UserRepository
from doable.database import Database, Row, Transaction
from doable.database.protocol import Work
from doable.outbox import repository as outbox
from doable.throttling.addresses import Origin
from doable.throttling.throttle import Throttle


async def registration(users: UserRepository, passwords: Passwords, new: SignUp) -> Work[Row]:
    """A work that makes the user and has the address verified, and raises EmailTaken. Raises WeakPassword."""
    name = new.name or new.email.rpartition("@")[0].lower()[:100]
    password_hash = await passwords.hash_new(new.password, new.email)
    add = users.add(email=new.email, name=name, password_hash=password_hash)

    async def work(tx: Transaction) -> Row:
        user = await add(tx)
        await outbox.queue(outbox.VERIFY, new.email, user["id"])(tx)
        return user

    return work


@dataclass(frozen=True, slots=True)
class SignUps:
    """Makes users who sign up by themselves: throttled, and logged in at once, or when the address is verified."""

    database: Database
    users: UserRepository
    sessions: SessionRepository
    passwords: Passwords
    throttle: Throttle
    postman: Postman
    verified_only: bool
    """Whether a log-in needs a verified address."""

    async def sign_up(self, new: SignUp, origin: Origin) -> tuple[Row, Opened | None]:
        """The new user, and the session that was opened. Raises Invalid, EmailTaken, WeakPassword, TooManyRequests."""
        if self.verified_only:
            check_reachable(new.email, field="email")
        await self.passwords.check_room()
        await self.throttle.sign_up(origin)
        add = await registration(self.users, self.passwords, new)

        async def work(tx: Transaction) -> tuple[Row, Opened | None]:
            user = await add(tx)
            return user, None if self.verified_only else await self.sessions.open(user, origin)(tx)

        made = await self.database.write(work)
        self.postman.wake()
        return made
