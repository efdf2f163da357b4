"""Signing up: the one way in which a user comes to be."""

from doable.accounts.passwords.hashing import Passwords
from doable.accounts.schemas import SignUp
from doable.accounts.users.repository import UserRepository
from doable.database import Row, Transaction
from doable.database.protocol import Work
from doable.outbox import repository as outbox


async def registration(users: UserRepository, passwords: Passwords, new: SignUp) -> Work[Row]:
    """What makes the user, and has the address verified. It raises EmailTaken. Raises WeakPassword."""
    name = new.name or new.email.rpartition("@")[0][:100]
    password_hash = await passwords.hash_new(new.password, new.email)
    add = users.add(email=new.email, name=name, password_hash=password_hash)

    async def work(tx: Transaction) -> Row:
        user = await add(tx)
        await outbox.queue(outbox.VERIFY, new.email, user["id"])(tx)
        return user

    return work
