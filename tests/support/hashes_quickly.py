"""`doable`, which hashes passwords in a thousandth of the time. For tests of something else: half of a sign-up is its hash.

Run with the arguments of `doable`.
"""

from typing import Any

from argon2 import PasswordHasher

from doable import cli
from doable.accounts.passwords import hashing


def quick(**_: Any) -> PasswordHasher:
    """As argon2id is meant to be, but for its cost."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


if __name__ == "__main__":
    vars(hashing)["PasswordHasher"] = quick
    cli.main()
