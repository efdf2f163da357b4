"""The rules for new passwords. None is about composition: such rules make passwords worse (NIST SP 800-63B, section 3.1.1.2)."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from doable.errors import WeakPassword

SHORTEST: Final = 8
"""No new password is shorter, whatever the settings say."""
SHORTEST_NAME: Final = 4
"""A shorter name in an e-mail may be in a password by chance."""


@dataclass(frozen=True, slots=True)
class PasswordRules:
    """The rules for new passwords, wherever one is chosen. A password that is in use is never checked against them."""

    min_length: int = SHORTEST
    refuse_common: bool = True

    def check(self, password: str, email: str | None, *, field: str = "password") -> None:
        """Raise WeakPassword, which says why, for one that is easily guessed. `field` is its name in the body.

        The first time, it reads the list of the most common ones, which takes a millisecond or two.
        """
        if len(password) < self.min_length:
            message = f"This password is too short: it should have at least {self.min_length} characters."
            raise WeakPassword(message, where=("body", field))
        if not self.refuse_common:
            return
        folded = password.casefold()
        name = email.rpartition("@")[0].casefold() if email else ""
        if len(name) >= SHORTEST_NAME and name in folded:
            raise WeakPassword("This password contains the name in the e-mail.", where=("body", field))
        if folded in _most_common():
            raise WeakPassword("This password is one of the most common ones.", where=("body", field))


@cache
def _most_common() -> frozenset[str]:
    """The 10,000 most common passwords, without those that are too short to be chosen, in lower case."""
    return frozenset((files("doable.accounts.passwords") / "common_passwords.txt").read_text().splitlines())
