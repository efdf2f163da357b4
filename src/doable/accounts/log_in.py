"""Logging in: a password is checked, and a session opened, gone on with and ended.

Passwords are checked once more before anything that a stolen token must not do.
"""

from contextlib import suppress
from dataclasses import dataclass

from doable.accounts.gate.revocations import Revocations
from doable.accounts.passwords.hashing import OWN, Passwords
from doable.accounts.sessions import refresh_tokens
from doable.accounts.sessions.repository import Opened, SessionRepository
from doable.accounts.users.repository import UserRepository
from doable.database import Database, Row, Transaction
from doable.errors import (
    EmailNotVerified,
    RefreshTokenInvalid,
    SessionNotFound,
    Unauthenticated,
    WrongCredentials,
    WrongPassword,
)
from doable.throttling.addresses import Origin
from doable.throttling.throttle import Throttle


async def learn_kinds(users: UserRepository, passwords: Passwords) -> None:
    """Look what kinds of hashes there are: whoever guesses has to wait for each, whoever it is that is guessed at."""
    passwords.expect(await users.hashes_of_others(OWN))


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


@dataclass(frozen=True, slots=True)
class LogIns:
    """Opens sessions for whoever knows a password, and goes on with them for whoever has the refresh token."""

    database: Database
    checks: PasswordChecks
    sessions: SessionRepository
    revocations: Revocations
    throttle: Throttle

    async def log_in(self, email: str, password: str, origin: Origin) -> tuple[Row, Opened]:
        """The user, and the session that was opened. Raises as `PasswordChecks.authenticate`."""
        user = await self.checks.authenticate(email, password, origin)
        work = self.sessions.open(user, origin, password_hash=user["password_hash"])
        opened = await self.database.write(work, owner_id=user["id"])
        self.revocations.add(opened.ended)
        return user, opened

    async def refresh(self, refresh_token: str, origin: Origin) -> Opened:
        """The session, with its next refresh token. Raises RefreshTokenInvalid, TooManyRequests."""
        async with self.throttle.token(origin, wrong=RefreshTokenInvalid):
            token = refresh_tokens.read(refresh_token)
            await self.sessions.check(token)
            opened = await self.database.write(self.sessions.refresh(token, origin), owner_id=token.user_id)
            if opened is None:
                self.revocations.add([token.session_id])
                raise RefreshTokenInvalid
            return opened

    async def log_out(self, refresh_token: str, origin: Origin) -> None:
        """End the session of this refresh token. Raises RefreshTokenInvalid, TooManyRequests."""
        async with self.throttle.token(origin, wrong=RefreshTokenInvalid):
            token = refresh_tokens.read(refresh_token)
            await self.sessions.check(token)
            use = self.sessions.refresh(token, origin)
            end = self.sessions.end(token.session_id, token.user_id)

            async def work(tx: Transaction) -> list[str]:
                await use(tx)
                with suppress(SessionNotFound):  # using it has ended the session: somebody has a copy
                    await end(tx)
                return [token.session_id]

            self.revocations.add(await self.database.write(work, owner_id=token.user_id))
