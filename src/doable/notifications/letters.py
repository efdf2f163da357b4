"""The mails of reminders and of the daily digest, as plain text and as HTML.

A user's own words go to the user's own address, which is verified; they are in no other mail.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from html import escape
from typing import Final
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from doable import clock
from doable.accounts.mail_addresses import deliverable
from doable.notifications import when
from doable.notifications.phrases import Mailed, phrases_of
from doable.notifications.unsubscribing import FIELD, PATH, UnsubscribeTokens
from doable.outbox.messages import build, one_line, without_controls
from doable.settings import Settings
from doable.tasks.tables import TaskRow

MOST_IN_SUBJECT: Final = 120
"""Characters of a title in a subject."""
MOST_OF_DESCRIPTION: Final = 500

# No colours of its own but for what is less important: mail programs have theirs, light or dark. A word may be longer than a
# phone is wide.
_STYLE: Final = (
    ":root { color-scheme: light dark; }\n"
    ".letter { font: 16px/1.5 system-ui, sans-serif; max-width: 36em; margin: 0 auto; padding: 8px; overflow-wrap: anywhere; }\n"
    "h1 { font-size: 22px; line-height: 1.3; margin: 0 0 16px; }\n"
    "h2 { font-size: 16px; margin: 24px 0 4px; }\n"
    ".rest { margin-top: 16px; }\n"
    "ul { margin: 0; padding-left: 20px; }\n"
    "li { margin: 4px 0; }\n"
    "p { margin: 0 0 16px; }\n"
    ".open { display: inline-block; padding: 8px 16px; border: 1px solid; border-radius: 6px; }\n"
    ".less, .less a { color: #666; font-size: 14px; }\n"
    ".less.end { margin-top: 32px; }\n"
    "@media (prefers-color-scheme: dark) { .less, .less a { color: #aaa; } }\n"
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a mail is for, and as the preferences have it how it is written."""

    owner_id: str
    address: str
    language: str
    timezone: str


@dataclass(frozen=True, slots=True)
class _Section:
    """Tasks of a digest under one heading: the title, its link, and the day or the time if there is something to say of it."""

    heading: str
    lines: Sequence[tuple[str, str, str]]

    def text(self) -> str:
        said = (f"- {title}{f' ({moment})' if moment else ''}\n  {link}" for title, link, moment in self.lines)
        return "\n".join([self.heading, *said])

    def html(self) -> str:
        return f"<h2>{self.heading}</h2>\n<ul>\n{''.join(self._items())}</ul>"

    def _items(self) -> Iterator[str]:
        for title, link, moment in self.lines:
            less = f' <span class="less">{escape(moment)}</span>' if moment else ""
            yield f'<li><a href="{escape(link)}" dir="auto">{escape(title)}</a>{less}</li>\n'


class Letters:
    """Writes them, as the settings have it. Raises Misconfigured without a secret."""

    def __init__(self, settings: Settings) -> None:
        self._service = one_line(settings.api_title)
        self._sender = settings.mail_from
        self._task_link = settings.task_link
        self._unsubscribe = UnsubscribeTokens(settings.secrets)
        self._link: Callable[[str], str] = lambda path: settings.link(path, whole=True)

    def reminder(self, reader: Reader, task: TaskRow, list_name: str | None, delivery_id: str) -> EmailMessage:
        """A reminder of this task, from the list with this name."""
        phrases, zone = phrases_of(reader.language), clock.known_zone(reader.timezone)
        today = clock.now().astimezone(ZoneInfo(zone)).date()
        title, link = one_line(task["title"]), self._task_link(task["id"])
        moments = ((phrases.due, when.due_of(task)), (phrases.start, when.start_of(task)))
        known = [(label, when.in_full(moment, zone, today, phrases)) for label, moment in moments if moment]
        if list_name is not None:
            known.append((phrases.list, one_line(list_name)))
        description = _beginning(task["description"])
        text = [title, "\n".join(f"{label}: {value}" for label, value in known), description]
        html = [f'<h1 dir="auto">{escape(title)}</h1>']
        if known:
            html.append(f"<p>{'<br>'.join(f'{label}: {escape(value)}' for label, value in known)}</p>")
        if description:
            html.append(f'<p dir="auto">{"<br>".join(map(escape, description.splitlines()))}</p>')
        html.append(f'<p><a class="open" href="{escape(link)}">{phrases.open}</a></p>')
        return self._build(
            reader,
            "reminders",
            delivery_id,
            subject=phrases.reminder.format(title=_cut(title, MOST_IN_SUBJECT)),
            text=[*filter(None, text), f"{phrases.open}:\n{link}"],
            html=html,
        )

    def digest(  # noqa: PLR0917 - a digest has that many parts
        self,
        reader: Reader,
        day: date,
        overdue: Sequence[TaskRow],
        today: Sequence[TaskRow],
        recurring: Sequence[TaskRow],
        more: int,
        delivery_id: str,
    ) -> EmailMessage:
        """The digest of this day. `more`: how many tasks are not in it for want of room."""
        phrases = phrases_of(reader.language)
        found = [
            self._section(phrases.overdue, overdue, reader, day, names_today=True),
            self._section(phrases.today, today, reader, day),
            self._section(phrases.recurring, recurring, reader, day),
        ]
        sections = [section for section in found if section.lines]
        subject = phrases.digest.format(day=phrases.date(day, year=False))
        rest = [phrases.more.format(number=more)] if more else []
        return self._build(
            reader,
            "digest",
            delivery_id,
            subject=subject,
            text=[subject, *(section.text() for section in sections), *rest],
            html=[
                f"<h1>{subject}</h1>",
                *(section.html() for section in sections),
                *(f'<p class="less rest">{each}</p>' for each in rest),
            ],
        )

    def _section(
        self, heading: str, tasks: Sequence[TaskRow], reader: Reader, day: date, *, names_today: bool = False
    ) -> _Section:
        phrases, zone = phrases_of(reader.language), clock.known_zone(reader.timezone)

        def said(task: TaskRow) -> str:
            due = when.due_of(task)
            return when.in_short(due, zone, day, phrases, names_today=names_today) if due else ""

        return _Section(heading, [(one_line(each["title"]), self._task_link(each["id"]), said(each)) for each in tasks])

    def _build(
        self, reader: Reader, mailed: Mailed, id_: str, *, subject: str, text: Sequence[str], html: Sequence[str]
    ) -> EmailMessage:
        phrases = phrases_of(reader.language)
        ending = phrases.endings[mailed]
        why = ending.why.format(service=self._service)
        stop = self._link(PATH.format(token=self._unsubscribe.token(reader.owner_id, mailed)))
        lines = (
            "<!doctype html>",
            f'<html lang="{phrases.code}">',
            '<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta name="color-scheme" content="light dark">\n<title>{escape(subject)}</title>',
            f'<style>\n{_STYLE}</style>\n</head>\n<body>\n<div class="letter">',
            *html,
            f'<p class="less end">{escape(why)}<br>\n<a href="{escape(stop)}">{ending.stop}</a></p>',
            "</div>\n</body>\n</html>\n",
        )
        return build(
            sender=self._sender,
            recipient=deliverable(reader.address),
            subject=subject,
            text="\n\n".join([*text, f"{why}\n{ending.stop}:\n{stop}"]) + "\n",
            html="\n".join(lines),
            id_=id_,
            headers=_to_unsubscribe(stop),
        )


def _to_unsubscribe(address: str) -> dict[str, str]:
    """One click is for https alone (RFC 8058, section 3.1). Without it mail programs open the page (RFC 2369)."""
    parts = urlsplit(address)
    # Nothing but ASCII can be in this header. The host may have a port.
    plain = parts._replace(netloc=parts.netloc.encode("idna").decode(), path=quote(parts.path, safe="/%:@"))
    said = {"List-Unsubscribe": f"<{plain.geturl()}>"}
    if address.startswith("https:"):
        said["List-Unsubscribe-Post"] = "=".join(FIELD)
    return said


def _beginning(description: str | None) -> str:
    lines = without_controls(description or "").splitlines()
    return _cut("\n".join(line.rstrip() for line in lines).strip(), MOST_OF_DESCRIPTION)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
