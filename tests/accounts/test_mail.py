"""How mail is sent: to real SMTP servers that take it, refuse it or hang, and to files."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from doable.accounts.links.letters import LETTERS, compose
from doable.accounts.links.repository import drop_nobodys
from doable.accounts.users.repository import UserRepository
from doable.database import Transaction, open_database
from doable.database.pages import SLICE
from doable.outbox import repository as outbox
from doable.settings import Settings
from support.certificates import self_signed
from support.clocks import ClockServer
from support.logs import lines
from support.mail import HangingServer, MailServer, about, link_of, texts, token_of, until, wait_until_all_is_sent
from support.schema import rows_of, settings_of
from support.server import Server
from support.users import PASSWORD, User

SENDER = {"MAIL_FROM": "Our Täsks <tasks@example.com>"}
FAILED = "A mail could not be sent"


def failures(server: Server) -> list[str]:
    return [line["event"] for line in lines(server) if line["event"].startswith(FAILED)]


def wait_for_failures(server: Server, number: int) -> list[str]:
    found: list[str] = until(
        lambda: events if len(events := failures(server)) >= number else None, f"{number} failures: {server.log}"
    )
    return found


def test_is_handed_to_the_server(tmp_path: Path) -> None:
    settings = {**SENDER, "API_TITLE": "Our\r\n Tasks", "PUBLIC_URL": "https://tasks.example.com/app/"}
    with (
        MailServer() as mail,
        Server(tmp_path, SMTP_URL=mail.url, **settings) as server,
        closing(User(server.url)) as alice,
    ):
        (message,) = mail.wait_for(alice.email)
        wait_until_all_is_sent(server)
        assert (message["From"], message["Subject"]) == (SENDER["MAIL_FROM"], "Verify your address for Our Tasks")
        assert message["Message-ID"].endswith("@example.com>")
        (envelope,) = mail.envelopes
        assert (envelope.mail_from, envelope.rcpt_tos) == ("tasks@example.com", [alice.email])
        assert message.get_content_type() == "multipart/alternative"
        assert link_of(message).startswith("https://tasks.example.com/app/account/verify-email#token=")
        token = token_of(message)
        assert alice.post("/api/auth/email/verify", json={"token": token}).status_code == 204
        alice.post("/api/auth/password/forgot", json={"email": alice.email})
        to_reset = token_of(mail.wait_for(alice.email, 2)[-1])
        wait_until_all_is_sent(server)
        # Neither token is anywhere but in the mail.
        for path in Path(server.settings["DATA_DIR"]).iterdir():
            for secret in (token, to_reset):
                assert secret.encode() not in path.read_bytes()
        assert server.stop() == 0
        assert alice.email not in server.log
        for secret in (token, to_reset, "#token="):
            assert secret not in server.log
        assert not failures(server)


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # which is what a server does here, and Doable must not
def test_user_and_password_are_sent_over_tls_alone(tmp_path: Path) -> None:
    context, certificate = self_signed(tmp_path)
    seen: list[tuple[bytes, bytes]] = []

    def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: LoginPassword) -> AuthResult:
        seen.append((data.login, data.password))
        return AuthResult(success=data.password == b"p@ss/word")

    trusting = {**SENDER, "SSL_CERT_FILE": str(certificate)}
    demanding: dict[str, Any] = {"authenticator": authenticate, "auth_required": True}

    def url(mail: MailServer, scheme: str = "smtp") -> str:
        return f"{scheme}://doable:p%40ss%2Fword@127.0.0.1:{mail.port}"

    with MailServer(tls_context=context, require_starttls=True, **demanding) as mail:
        with Server(tmp_path / "a", SMTP_URL=url(mail), **trusting) as server, closing(User(server.url)) as alice:
            mail.wait_for(alice.email)
            assert mail.sessions[0].ssl is not None
            assert mail.sessions[0].authenticated
            assert seen == [(b"doable", b"p@ss/word")]
        # The certificate must be the server's own.
        with Server(tmp_path / "b", SMTP_URL=url(mail), **SENDER) as server, closing(User(server.url)):
            assert "SSLCertVerificationError" in wait_for_failures(server, 1)[0]
        assert len(seen) == 1
        with Server(tmp_path / "c", SMTP_URL=url(mail).replace("p%40ss", "hunter2"), **trusting) as server:
            with closing(User(server.url)):
                wait_for_failures(server, 1)
            assert "hunter2" not in server.log
    seen.clear()
    with MailServer(auth_require_tls=False, **demanding) as mail:  # which has no TLS
        with Server(tmp_path / "d", SMTP_URL=url(mail), **trusting) as server, closing(User(server.url)):
            assert "SMTPNotSupportedError" in wait_for_failures(server, 1)[0]
        assert not seen
    with (
        MailServer(ssl_context=context, auth_require_tls=False, **demanding) as mail,
        Server(tmp_path / "e", SMTP_URL=url(mail, "smtps"), **trusting) as server,
        closing(User(server.url)) as bob,
    ):
        mail.wait_for(bob.email)
        assert mail.sessions[0].authenticated
    assert seen == [(b"doable", b"p@ss/word")]


def test_without_a_password_tls_is_used_where_it_is_offered(tmp_path: Path) -> None:
    context, _ = self_signed(tmp_path)
    with (
        MailServer(tls_context=context) as mail,
        Server(tmp_path, SMTP_URL=mail.url, **SENDER) as server,
        closing(User(server.url)) as alice,
    ):
        mail.wait_for(alice.email)
        assert mail.sessions[0].ssl is not None


@pytest.mark.parametrize("answer", ["451 4.7.1 try later", "554 5.7.1 no mail for <alice>"])
def test_what_is_refused_is_tried_again_and_again(tmp_path: Path, answer: str) -> None:
    with MailServer() as mail, ClockServer(tmp_path, SMTP_URL=mail.url, **SENDER) as server:
        mail.answer = answer
        with closing(User(server.url)) as alice:
            for number, pause in enumerate((30, 120, 600, 3600, 3600), 1):
                event = wait_for_failures(server, number)[-1]
                assert event == f"{FAILED} (SMTPDataError {answer[:3]}); the next attempt is in {pause} seconds"
                (row,) = rows_of(settings_of(server), "outbox")
                assert row["attempts"] == number
                if number < 5:
                    server.move(pause)
            mail.answer = None
            server.move(3600)
            (message,) = mail.wait_for(alice.email)
            wait_until_all_is_sent(server)
            # Each attempt had a token of its own, and the one that arrived is good.
            assert alice.post("/api/auth/email/verify", json={"token": token_of(message)}).status_code == 204
            assert mail.attempts == 6
            assert alice.email not in server.log
            assert "<alice>" not in server.log


def test_a_server_that_is_slow_gets_each_once(tmp_path: Path) -> None:
    """It takes longer than the pause after which another attempt is due."""
    with MailServer() as mail, ClockServer(tmp_path, SMTP_URL=mail.url, **SENDER) as server:
        mail.hesitates = True
        with closing(User(server.url)) as alice:
            until(lambda: mail.attempts, "an attempt")
            server.move(60)
            until(lambda: rows_of(settings_of(server), "outbox")[0]["attempts"] > 1, "that it is due again")
            mail.hesitates = False
            (message,) = mail.wait_for(alice.email)
            wait_until_all_is_sent(server)
            assert mail.attempts == 1
            assert alice.post("/api/auth/email/verify", json={"token": token_of(message)}).status_code == 204


def test_is_given_up_after_24_hours(tmp_path: Path) -> None:
    with MailServer() as mail, ClockServer(tmp_path, SMTP_URL=mail.url, **SENDER) as server:
        mail.answer = "554 5.7.1 no"
        with closing(User(server.url)) as alice:
            wait_for_failures(server, 1)
            server.move(23.9 * 3600)
            wait_for_failures(server, 2)
            assert len(rows_of(settings_of(server), "outbox")) == 1
            server.move(400)
            given_up = wait_for_failures(server, 3)[-1]
            assert given_up == f"{FAILED} for 24 hours and is given up (SMTPDataError 554)"
            wait_until_all_is_sent(server)
            assert alice.email not in server.log
            # What is asked for later is sent all the same.
            mail.answer = None
            alice.post("/api/auth/email/resend", json={"email": alice.email})
            mail.wait_for(alice.email)


def test_a_server_that_hangs_keeps_nobody_waiting(tmp_path: Path) -> None:
    with HangingServer() as hanging, Server(tmp_path, SMTP_URL=hanging.url, **SENDER) as server:
        with closing(User(server.url)) as alice:
            assert hanging.connected.wait(20)
            # It hangs now, and everything else still works.
            assert alice.post("/api/auth/password/forgot", json={"email": alice.email}).status_code == 202
            alice.new_task()
            with closing(User(server.url)) as bob:
                bob.new_task()
            assert hanging.gave_up == 0
            assert not failures(server)
            # Doable gives up by itself, and turns to the next mail.
            assert "(SMTPServerDisconnected)" in wait_for_failures(server, 1)[0]
            until(lambda: hanging.gave_up, "a connection that was given up")
        # In the middle of the next one it is told to stop.
        assert server.stop() == 0
        assert "Traceback" not in server.log


def test_a_server_that_is_away_is_tried_again(tmp_path: Path) -> None:
    with HangingServer() as gone:
        port = gone.port
    with (
        ClockServer(tmp_path, SMTP_URL=f"smtp://127.0.0.1:{port}", **SENDER) as server,
        closing(User(server.url)) as alice,
    ):
        assert "ConnectionRefusedError" in wait_for_failures(server, 1)[0]
        with MailServer(port) as mail:
            server.move(30)
            mail.wait_for(alice.email)


def test_a_kill_between_taking_and_sending_loses_nothing(
    tmp_path: Path, migrated_database_settings: Callable[[], dict[str, str]]
) -> None:
    with HangingServer() as hanging:
        server = ClockServer(tmp_path, SMTP_URL=hanging.url, **SENDER, **migrated_database_settings())
        with server, closing(User(server.url)) as alice:
            assert hanging.connected.wait(20)
            server.kill()
        (row,) = rows_of(settings_of(server), "outbox")
        assert row["attempts"] == 1
    with MailServer(hanging.port) as mail, server, httpx.Client(base_url=server.url) as guest:
        server.move(30)
        (message,) = mail.wait_for(alice.email)
        wait_until_all_is_sent(server)
        assert guest.post("/api/auth/email/verify", json={"token": token_of(message)}).status_code == 204
        assert mail.attempts == 1


def test_of_several_processes_one_sends_each_mail(
    tmp_path: Path, migrated_database_settings: Callable[[], dict[str, str]]
) -> None:
    settings = {**SENDER, **migrated_database_settings()}
    with MailServer() as mail, Server(tmp_path, "--workers", "2", SMTP_URL=mail.url, **settings) as server:

        def sign_up_and_forget(number: int) -> None:
            email = f"{number}@example.com"
            # Each request on a connection of its own, which either process may get.
            assert httpx.post(f"{server.url}/api/auth/signup", json={"email": email, "password": PASSWORD}, timeout=30)
            for _ in range(3):
                answer = httpx.post(f"{server.url}/api/auth/password/forgot", json={"email": email}, timeout=30)
                assert answer.status_code == 202

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(sign_up_and_forget, range(12)))
        wait_until_all_is_sent(server)
        sent = Counter((message["To"], message["Subject"].partition(" ")[0]) for message in mail.mails)
        assert sent == {
            (f"{number}@example.com", kind): times
            for number in range(12)
            for kind, times in (("Verify", 1), ("Choose", 3))
        }
        assert len({token_of(message) for message in mail.mails}) == 48


def test_addresses_that_are_not_ascii(tmp_path: Path) -> None:
    with MailServer(enable_SMTPUTF8=True) as mail, Server(tmp_path, SMTP_URL=mail.url, **SENDER) as server:
        for email, sent_to in (
            ("ü@bücher.example", "ü@bücher.example"),
            ("u@bücher.example", "u@xn--bcher-kva.example"),
        ):
            with closing(User(server.url, email)):
                until(lambda: mail.envelopes, server.log)
                assert mail.envelopes.pop().rcpt_tos == [sent_to]


def test_files_are_private_and_whole(tmp_path: Path) -> None:
    with Server(tmp_path) as server, closing(User(server.url)) as alice:
        about(server, alice.email, "Verify")
        wait_until_all_is_sent(server)
        folder = tmp_path / "data/mail"
        assert folder.stat().st_mode & 0o777 == 0o700
        (file,) = folder.iterdir()
        assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f-]{36}\.eml", file.name)
        assert file.stat().st_mode & 0o777 == 0o600


def test_files_that_cannot_be_written_are_tried_again(tmp_path: Path) -> None:
    with ClockServer(tmp_path) as server:
        (tmp_path / "data/mail").touch()
        with closing(User(server.url)) as alice:
            assert "(Misconfigured)" in wait_for_failures(server, 1)[0]
            (tmp_path / "data/mail").unlink()
            server.move(30)
            about(server, alice.email, "Verify")


@pytest.mark.parametrize("kind", LETTERS)
def test_no_header_can_be_added(kind: str) -> None:
    options: dict[str, Any] = {"title": "Doable", "sender": None, "link": "http://127.0.0.1{}".format}
    for address in (
        "a@example.com\r\nBcc: b@example.com",
        "a@example.com\nX: y",
        "a@example.com, b@example.com",
        "a\x00@b.example",
    ):
        with pytest.raises(ValueError, match=r".+"):
            compose(kind, address, "token", **options)
    message = compose(kind, "a@example.com", "token", **{**options, "title": "<b>Do\r\nBcc: able</b>"})
    assert sorted(message.keys()) == sorted(
        ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]
    )
    plain, html = texts(message)
    assert "<b>" not in html
    assert ("<b>" in plain) == ("&lt;b&gt;" in html)


def test_many_for_addresses_that_nobody_has_are_dropped_together(
    migrated_database_settings: Callable[[], dict[str, str]], data: Path
) -> None:
    settings = Settings(_env_file=None, data_dir=data, database_url=migrated_database_settings().get("DATABASE_URL"))

    async def run() -> tuple[list[int], list[str]]:
        async with open_database(settings) as database:
            add = UserRepository(database).add(email="alice@example.com", name="Alice", password_hash=None)
            alice = await database.write(add)

            async def ask(tx: Transaction) -> None:
                for number in range(SLICE + 1):
                    await outbox.queue(outbox.RESET, f"{number}@example.com")(tx)
                await outbox.queue(outbox.RESET, "alice@example.com")(tx)
                # A new address is nobody's yet.
                await outbox.queue(outbox.CHANGE, "new@example.com", alice["id"])(tx)

            await database.write(ask, long=True)
            dropped = [await drop_nobodys(database) for _ in range(3)]
            return dropped, sorted(row["address"] for row in await outbox.take(database, 10))

    dropped, left = asyncio.run(run())
    assert dropped == [SLICE, 1, 0]
    assert left == ["alice@example.com", "new@example.com"]


def test_one_that_takes_long_keeps_no_other_waiting(tmp_path: Path) -> None:
    class Slow(MailServer):
        """Takes mail for one address only when it is told to."""

        slow = "slow@example.com"
        go_on = asyncio.Event()

        async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd calls it so
            if envelope.rcpt_tos == [self.slow]:
                await self.go_on.wait()
            return await super().handle_DATA(server, session, envelope)

    with Slow() as mail, Server(tmp_path, SMTP_URL=mail.url, **SENDER) as server:
        with closing(User(server.url, mail.slow)), closing(User(server.url)) as alice:
            mail.wait_for(alice.email)
            assert not mail.to(mail.slow)
            mail.loop.call_soon_threadsafe(mail.go_on.set)
            mail.wait_for(mail.slow)
        wait_until_all_is_sent(server)
