"""What is not done, and by which precondition of an RFC: clients read its name, people the sentence beside it."""

from collections.abc import Mapping


class Refusal(Exception):
    """The request is answered with this status and an error in XML.

    `condition` is the precondition that does not hold, by the prefixes of `xml.py`: `C:valid-calendar-data`. `inner` is XML inside
    its element. The message is one sentence for a person, and repeats nothing of what a client has sent.
    """

    def __init__(
        self,
        status: int,
        condition: str | None = None,
        message: str = "",
        *,
        inner: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.condition = condition
        self.message = message
        self.inner = inner
        self.headers = headers or {}


def nothing() -> Refusal:
    """The refusal where there is nothing, or nothing of this user's: neither is told from the other."""
    return Refusal(404, message="There is nothing at this address.")
