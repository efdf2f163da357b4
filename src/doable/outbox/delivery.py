"""Hands a mail to a server by SMTP (RFC 5321), or writes it to a file if there is no server."""

import os
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from doable.settings import MailServer, Settings, make_private_directory

TIMEOUT_SECONDS: Final = 10.0
"""How long the server may take for each of its answers."""


@contextmanager
def connection(server: MailServer) -> Iterator[smtplib.SMTP]:
    """A connection on which mail can be sent. Blocks; raises OSError (SMTPException is one).

    A password is only sent over TLS, to a server with a valid certificate. Without a password TLS is used if it is
    offered, whatever the certificate: it keeps out eavesdroppers, and an attacker who does more could also hide the offer.
    """
    if server.tls:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
        )
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
    with smtp:
        smtp.ehlo_or_helo_if_needed()
        if not server.tls and (server.user is not None or smtp.has_extn("starttls")):
            smtp.starttls(context=ssl.create_default_context() if server.user is not None else _any_certificate())
        if server.user is not None:
            smtp.login(server.user, server.password)
        yield smtp


def deliver(settings: Settings, name: str, message: EmailMessage) -> None:
    """Hand the mail to the server of these settings, or write it to a file of this name: again, it takes the place of the first.

    Blocks; raises OSError.
    """
    if settings.mail_server is None:
        write(settings.mail_path, name, message)
    else:
        send(settings.mail_server, message)


def reason_of(error: Exception) -> str:
    """Why a mail could not be delivered, for the log. The server's words are not in it: they may quote the address."""
    reason = type(error).__name__
    return f"{reason} {error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else reason


def send(server: MailServer, message: EmailMessage) -> None:
    """Hand the mail to the server. Blocks; raises OSError."""
    with connection(server) as smtp:
        smtp.send_message(message)


def write(folder: Path, name: str, message: EmailMessage) -> None:
    """Write the mail to a file of its own, whole or not at all, that only this user can read. Raises OSError."""
    make_private_directory(folder)
    draft = folder / f".{name}.{os.getpid()}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(message.as_bytes())
        file.flush()
        os.fsync(descriptor)
    draft.replace(folder / f"{name}.eml")


def _any_certificate() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
