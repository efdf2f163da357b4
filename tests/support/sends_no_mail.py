"""`doable`, which hashes passwords in no time and leaves all mail in the outbox. Run with the arguments of `doable`."""

from doable import cli
from doable.accounts.links.postman import Postman
from doable.accounts.passwords import hashing
from support.hashes_quickly import quick


async def nothing(_postman: Postman) -> bool:
    """As where no mail is due."""
    return False


if __name__ == "__main__":
    vars(hashing)["PasswordHasher"] = quick
    setattr(Postman, "_send_some", nothing)  # noqa: B010 - the type checker would have it assigned to nothing of another's
    cli.main()
