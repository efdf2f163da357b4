"""Checks passwords: to log in, and once more before anything that a stolen token must not do."""

from dataclasses import dataclass

from doable.accounts.passwords.hashing import Passwords
from doable.accounts.users.repository import UserRepository
from doable.database import Database, Row
from doable.errors import EmailNotVerified, Unauthenticated, WrongCredentials, WrongPassword
from doable.throttling.addresses import Origin
from doable.throttling.throttle import Throttle


@dataclass(frozen=True, slots=True)
class PasswordChecks:
    """The one place where a password is checked, so that every check is counted."""

    database: Database
    users: UserRepository
    passwords: Passwords
    throttle: Throttle
    verified_only: bool = False
    """Whether a log-in needs a verified address."""

    async def authenticate(self, email: str, password: str, origin: Origin) -> Row:
        """The user with this e-mail and password.

        Raises WrongCredentials in the same words and, since an unknown e-mail costs one verification as well, the same
        time; TooManyRequests, whether or not anybody has this e-mail; and EmailNotVerified for the right password.
        """
        await self.passwords.check_room()
        async with self.throttle.password(email, origin):
            user = await self.users.find_by_email(email)
            password_hash = user["password_hash"] if user else None
            verified = await self.passwords.verify(password, password_hash)
            if verified is None or user is None or password_hash is None:
                raise WrongCredentials
        if self.verified_only and user["email_verified_at"] is None:
            raise EmailNotVerified
        if verified.is_outdated:
            new = await self.passwords.hash(password)
            replace = self.users.rehash(user["id"], old=password_hash, new=new)
            if not await self.database.write(replace, owner_id=user["id"]):
                # Another log-in was faster, or the password was changed meanwhile: check against the hash that is stored now.
                return await self.authenticate(email, password, origin)
            return {**user, "password_hash": new}
        return user

    async def confirm(self, user_id: str, password: str, origin: Origin) -> Row:
        """The current user, after the password has proven it.

        Raises WrongPassword, TooManyRequests after too many of both these and failed log-ins, Unauthenticated if the user
        is gone.
        """
        await self.passwords.check_room()
        user = await self.users.find(user_id)
        if user is None:
            raise Unauthenticated
        async with self.throttle.password(user["email"] or user_id, origin):
            if await self.passwords.verify(password, user["password_hash"]) is None:
                raise WrongPassword
        return user
