"""Signing up: the one way in which a user comes to be."""

from doable.accounts.passwords import Passwords
from doable.accounts.repository import UserRepository
from doable.accounts.schemas import SignUp
from doable.database import Row


async def register(users: UserRepository, passwords: Passwords, new: SignUp) -> Row:
    """Make the user. Raises EmailTaken."""
    name = new.name or new.email.rpartition("@")[0][:100]
    return await users.add(email=new.email, name=name, password_hash=await passwords.hash(new.password))
