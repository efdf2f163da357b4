"""`doable` whose clock is moved, and which hashes passwords in no time. Run as `moved_clock.py` is."""

from doable import cli
from doable.accounts.passwords import hashing
from support import moved_clock
from support.hashes_quickly import quick

if __name__ == "__main__":
    assert moved_clock  # which has moved it
    vars(hashing)["PasswordHasher"] = quick
    cli.main()
