"""What hashes of passwords can be verified: Doable's own, and those of another backend whose users have moved in."""

import re
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_ARGON2: Final = re.compile(
    r"(\$argon2(?:id|i|d)\$(?:v=\d\d\$)?m=(\d{1,6}),t=(\d{1,2}),p=(\d{1,2})\$)[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{16,86}"
)
_BCRYPT: Final = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}")

# What costs more is no hash that somebody logs in with, and would keep everybody else waiting.
MOST_KIB: Final = 262_144
MOST_PASSES: Final = 20
MOST_LANES: Final = 16
BCRYPT_COSTS: Final = range(4, 16)

BCRYPT_BYTES: Final = 72
"""Of a longer password bcrypt has only ever seen so many."""
_NOBODYS_ARGON2: Final = "BNVNMa7cff3L8mrrpWBf1A$s9KdcnanoYKoW28tLlauOED2/Vxx4YEbyjgbzpoAQ0M"
_NOBODYS_BCRYPT: Final = "rXPrDcPzy1vNEXlCr7l3P.1GkFgNbaM5U/BvGbbgJQQ0oAjBzF4xG"


def kind_of(password_hash: str) -> str | None:
    """What it costs to verify: how the hashes begin that cost as much. None where it is nothing that can be verified."""
    if (match := _BCRYPT.fullmatch(password_hash)) and int(match[1]) in BCRYPT_COSTS:
        return f"$2b${match[1]}$"
    if (match := _ARGON2.fullmatch(password_hash)) and (
        int(match[2]) <= MOST_KIB and int(match[3]) <= MOST_PASSES and int(match[4]) <= MOST_LANES
    ):
        return match[1]
    return None


def nobodys(kind: str) -> str:
    """A hash of this kind, of a password that nobody has."""
    return kind + (_NOBODYS_BCRYPT if kind.startswith("$2") else _NOBODYS_ARGON2)


def fits(hasher: PasswordHasher, password_hash: str, password: str) -> bool:
    """Whether it is the hash of this password, which takes tens or hundreds of milliseconds."""
    if password_hash.startswith("$2"):
        import bcrypt

        try:
            return bcrypt.checkpw(password.encode()[:BCRYPT_BYTES], password_hash.encode())
        except ValueError:  # bits in its salt that are always 0
            return False
    try:
        return hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
