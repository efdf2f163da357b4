"""The texts of mails, as plain text and as HTML. No text of a user is in them: it could be an advertisement."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from html import escape
from typing import Final

from doable.accounts.mail_addresses import deliverable
from doable.outbox.messages import build, one_line
from doable.outbox.repository import CHANGE, NOTICE, RESET, VERIFY

RESET_PATH: Final = "/account/reset-password"
VERIFY_PATH: Final = "/account/verify-email"


@dataclass(frozen=True, slots=True)
class Letter:
    """One kind of mail. `{title}` is the name of the service."""

    subject: str
    before: str
    link: str
    path: str
    after: str


LETTERS: Final[Mapping[str, Letter]] = {
    RESET: Letter(
        subject="Choose a new password for {title}",
        before="Somebody, most likely you, asked for a new password for your {title} account.",
        link="Choose a new password",
        path=RESET_PATH,
        after="The link is good for one hour, and once. If it was not you, there is nothing to do: nothing has changed.",
    ),
    VERIFY: Letter(
        subject="Verify your address for {title}",
        before="Somebody, most likely you, signed up for {title} with this address.",
        link="Verify this address",
        path=VERIFY_PATH,
        after="The link is good for 24 hours, and once. If it was not you, there is nothing to do.",
    ),
    CHANGE: Letter(
        subject="Verify your new address for {title}",
        before="Somebody, most likely you, wants to use this address for a {title} account.",
        link="Use this address",
        path=VERIFY_PATH,
        after="The link is good for 24 hours, and once. If it was not you, there is nothing to do.",
    ),
    NOTICE: Letter(
        subject="The address of your {title} account is about to change",
        before="Somebody, most likely you, asked for another address for your {title} account and gave its password. "
        "As soon as the other address is verified, this one will no longer be used.",
        link="If it was not you, choose a new password now: this also stops the change",
        path=RESET_PATH,
        after="If it was you, there is nothing to do.",
    ),
}


def compose(
    kind: str, address: str, token: str | None, *, title: str, sender: str | None, link: Callable[[str], str]
) -> EmailMessage:
    """The mail of this kind. The token is in the link's fragment, which browsers send to no server and so to no log.

    Raises ValueError for text that cannot be in a header; a line end in an address, for example, would begin another one.
    """
    letter = LETTERS[kind]
    title = one_line(title)
    address_of_page = link(letter.path) + ("" if token is None else f"#token={token}")
    before, after = letter.before.format(title=title), letter.after
    return build(
        sender=sender,
        recipient=deliverable(address),
        subject=letter.subject.format(title=title),
        text=f"{before}\n\n{letter.link}:\n{address_of_page}\n\n{after}\n",
        html=f'<!doctype html>\n<html lang="en"><body>\n<p>{escape(before)}</p>\n'
        f'<p><a href="{escape(address_of_page)}">{escape(letter.link)}</a></p>\n<p>{escape(after)}</p>\n</body></html>\n',
    )
