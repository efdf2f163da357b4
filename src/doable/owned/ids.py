"""The ids that the server chooses."""

import os
import time
import uuid


def new_id() -> str:
    """A UUID of version 7 (RFC 9562, section 5.7): milliseconds, then 74 random bits.

    What is made at about the same time is together in the index of ids too, so that a commit of sixteen new tasks writes a page
    of it and not sixteen.
    """
    milliseconds, random = time.time_ns() // 1_000_000, int.from_bytes(os.urandom(10), "big")
    above, below = random >> 64 & 0xFFF, random & ((1 << 62) - 1)
    return str(uuid.UUID(int=milliseconds << 80 | 7 << 76 | above << 64 | 0b10 << 62 | below))
