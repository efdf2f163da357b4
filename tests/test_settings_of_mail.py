"""The settings of mail: what can be used, and what is refused with a sentence that has no secret in it."""

from typing import Any

import pytest

from doable.errors import Misconfigured
from doable.settings import MailServer, Settings

SENDER = "tasks@example.com"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.com", MailServer("mail.example.com", 587, tls=False, user=None, password="")),
        ("smtp://localhost:25/", MailServer("localhost", 25, tls=False, user=None, password="")),
        ("smtp://a:b@[::1]:2525", MailServer("::1", 2525, tls=False, user="a", password="b")),
        (
            "smtps://me%40example.com:p%2F%3F%23%40@mail.example.com",
            MailServer("mail.example.com", 465, tls=True, user="me@example.com", password="p/?#@"),
        ),
    ],
)
def test_urls_of_mail_servers(url: str, server: MailServer) -> None:
    assert Settings.load(smtp_url=url, mail_from=SENDER).mail_server == server
    assert "p/?#@" not in str(Settings.load(smtp_url=url, mail_from=SENDER))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            {"smtp_url": "smtp://hunter2@mail.example.com", "mail_from": SENDER},
            "SMTP_URL must have a user and a password",
        ),
        ({"smtp_url": "http://hunter2:x@mail.example.com", "mail_from": SENDER}, "SMTP_URL must be smtp://"),
        ({"smtp_url": "smtp://", "mail_from": SENDER}, "SMTP_URL must be smtp://"),
        ({"smtp_url": "smtp://a:hunter2@mail:port", "mail_from": SENDER}, "SMTP_URL is not a URL with a port"),
        ({"smtp_url": "smtp://a:hunter2@mail:99999", "mail_from": SENDER}, "SMTP_URL is not a URL with a port"),
        ({"smtp_url": "smtp://a:hunter2/x@mail", "mail_from": SENDER}, "SMTP_URL"),
        ({"smtp_url": "smtp://a:b#hunter2@mail", "mail_from": SENDER}, "SMTP_URL"),
        ({"smtp_url": "smtp://a:b?hunter2@mail", "mail_from": SENDER}, "SMTP_URL"),
        ({"smtp_url": "smtp://a:hunter2@mail"}, "SMTP_URL needs MAIL_FROM"),
        ({"mail_from": "hunter2"}, "MAIL_FROM must be one address"),
        ({"mail_from": "a@example.com, hunter2@example.com"}, "MAIL_FROM must be one address"),
        ({"mail_from": "a@example.com\r\nBcc: hunter2@example.com"}, "MAIL_FROM must be one address"),
        ({"mail_from": "hunter2 <>"}, "MAIL_FROM must be one address"),
        ({"public_url": "hunter2"}, "PUBLIC_URL must be like https://"),
        ({"public_url": "ftp://hunter2.example.com"}, "PUBLIC_URL must be like https://"),
        ({"public_url": "https://example.com/#hunter2"}, "PUBLIC_URL must be like https://"),
        ({"public_url": "https://example.com:hunter2"}, "PUBLIC_URL is not a URL"),
        ({"task_url": "https://example.com/hunter2"}, "TASK_URL must be like https://"),
        ({"task_url": "https://hunter2.example.com/{id}"}, "TASK_URL must be like https://"),
        ({"task_url": "https://{task_id}.hunter2.example.com/"}, "TASK_URL must be like https://"),
        ({"task_url": "hunter2/{task_id}"}, "TASK_URL must be like https://"),
        ({"task_url": "javascript:hunter2//{task_id}"}, "TASK_URL must be like https://"),
        ({"task_url": "https://example.com:hunter2/{task_id}"}, "TASK_URL is not a URL"),
        ({"task_url": "https://example.com/{task_id}\r\nhunter2"}, "TASK_URL must have only letters"),
        ({"task_url": "https://example.com/hunter2 {task_id}"}, "TASK_URL must have only letters"),
        ({"task_url": "https://example.com/hünter2/{task_id}"}, "TASK_URL must have only letters"),
    ],
)
def test_what_cannot_be_used(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        Settings.load(**settings)
    assert words in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("sender", [SENDER, f"Our Täsks <{SENDER}>", f'"Tasks, ours" <{SENDER}>'])
def test_senders(sender: str) -> None:
    assert Settings.load(mail_from=sender).mail_from == sender


def test_a_public_url_may_have_a_path() -> None:
    assert Settings.load(public_url="https://example.com/tasks/").public_url == "https://example.com/tasks"


@pytest.mark.parametrize(
    ("settings", "link"),
    [
        ({"port": "8123"}, "http://127.0.0.1:8123/tasks/an-id"),
        ({"public_url": "https://example.com/app/"}, "https://example.com/app/tasks/an-id"),
        ({"task_url": "https://example.com/#/t/{task_id}?task={task_id}"}, "https://example.com/#/t/an-id?task=an-id"),
        ({"task_url": "http://localhost:3000/{list}/{task_id}"}, "http://localhost:3000/{list}/an-id"),
    ],
)
def test_the_link_to_a_task(settings: dict[str, Any], link: str) -> None:
    assert Settings.load(**settings).task_link("an-id") == link
