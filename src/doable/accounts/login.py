"""Checking passwords: to log in, and once more before what a stolen token must not do."""

from doable.accounts.passwords import Passwords
from doable.accounts.repository import UserRepository
from doable.database import Row
from doable.errors import Unauthenticated, WrongCredentials, WrongPassword


async def authenticate(users: UserRepository, passwords: Passwords, email: str, password: str) -> Row:
    """The user with this e-mail and password.

    Raises WrongCredentials in the same words and, since an unknown e-mail costs one verification as well, the same time.
    """
    user = await users.find_by_email(email)
    password_hash = user["password_hash"] if user else None
    if not await passwords.verify(password, password_hash) or user is None or password_hash is None:
        raise WrongCredentials
    if passwords.is_outdated(password_hash):
        new = await passwords.hash(password)
        if not await users.set_password_hash(user["id"], old=password_hash, new=new):
            # Another log-in was faster, or the password was changed meanwhile: the one that is stored now decides.
            return await authenticate(users, passwords, email, password)
        return {**user, "password_hash": new}
    return user


async def confirm(users: UserRepository, passwords: Passwords, user_id: str, password: str) -> Row:
    """The current user, who has proven it with the password. Raises WrongPassword, Unauthenticated if it is gone."""
    user = await users.find(user_id)
    if user is None:
        raise Unauthenticated
    if not await passwords.verify(password, user["password_hash"]):
        raise WrongPassword
    return user
