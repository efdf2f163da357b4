"""`doable` as it is where the web client was not built. Run with the arguments of `doable`."""

from pathlib import Path

from doable import cli
from doable.accounts.passwords import hashing
from doable.web import built
from support.hashes_quickly import quick

if __name__ == "__main__":
    vars(hashing)["PasswordHasher"] = quick
    vars(built)["FOLDER"] = Path(__file__).parent / "nothing"
    cli.main()
