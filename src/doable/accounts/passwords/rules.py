"""What a new password must be. No rules of composition: they make passwords worse (NIST SP 800-63B, section 3.1.1.2)."""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Final

from doable.errors import WeakPassword

MOST_COMMON: Final = 10_000
SHORTEST: Final = 8
"""No new password is shorter, whatever the settings say."""
SHORTEST_NAME: Final = 4
"""The name in an e-mail that is shorter than this may be anywhere by chance."""


@dataclass(frozen=True, slots=True)
class PasswordRules:
    """The rules for new passwords, wherever one is chosen. One that is in use already is never looked at."""

    min_length: int = SHORTEST
    refuse_common: bool = True

    def check(self, password: str, email: str | None, *, field: str = "password") -> None:
        """Raise WeakPassword, which says why, for one that is easily guessed. `field` is its name in the body.

        The first time, it loads the list of the most common ones, which takes some 10 ms.
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
    """Those of the 10,000 most common ones that are long enough to be chosen, in lower case.

    Only the file with the lists is loaded, and not kept: the package itself would take 14 MB for good in place of 4.
    """
    package = find_spec("zxcvbn")
    assert package is not None  # noqa: S101 - it is one of our dependencies
    assert package.origin is not None  # noqa: S101 - and a package with files
    spec = spec_from_file_location("_frequency_lists", Path(package.origin).with_name("frequency_lists.py"))
    assert spec is not None  # noqa: S101 - the name is a Python file's
    assert spec.loader is not None  # noqa: S101 - as above
    lists = module_from_spec(spec)
    spec.loader.exec_module(lists)
    return frozenset(each for each in lists.FREQUENCY_LISTS["passwords"][:MOST_COMMON] if len(each) >= SHORTEST)
