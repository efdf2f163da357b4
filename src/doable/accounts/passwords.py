"""Passwords: argon2id, in a few threads of its own."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from doable.accounts.new_passwords import PasswordRules

MAX_THREADS = 4
"""Each thread that has hashed keeps the 19 MiB that argon2 worked in."""


class Passwords:
    """Hashes and verifies.

    A hash takes tens of milliseconds of one core. So few run at once that the other requests keep theirs, and none runs
    on the event loop.
    """

    def __init__(self, workers: int = 1, rules: PasswordRules | None = None) -> None:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._threads = ThreadPoolExecutor(max(1, min(MAX_THREADS, cores // workers)), "doable-passwords")
        # OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._rules = rules or PasswordRules()
        self._nobodys = self._hasher.hash("nobody has this password")

    async def hash_new(self, password: str, email: str | None, *, field: str = "password") -> str:
        """The hash to store of a password that is chosen just now. Raises as `PasswordRules.check` does."""

        def check_and_hash() -> str:
            self._rules.check(password, email, field=field)
            return self._hasher.hash(password)

        return await asyncio.get_running_loop().run_in_executor(self._threads, check_and_hash)

    async def hash(self, password: str) -> str:
        """The hash to store of a password that is in use, with its parameters and salt in it."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, password)

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Whether it is the password. With None, for a user who does not exist, it takes as long and is False."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._verify, password, password_hash)

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's, and should be made again."""
        return self._hasher.check_needs_rehash(password_hash)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(cancel_futures=True)

    def _verify(self, password: str, password_hash: str | None) -> bool:
        try:
            self._hasher.verify(password_hash or self._nobodys, password)
        except (VerificationError, InvalidHashError):
            return False
        return password_hash is not None
