"""The document of an export. Its members are the tables; anything of which a credential could be made is left out."""

from typing import Any

from pydantic import BaseModel, Field, create_model

from doable.http.schemas import Instant, Output
from doable.kinds import FOLLOWED
from doable.owned.kind import Followed


class ExportedUser(Output):
    """The user."""

    id: str = Field(json_schema_extra={"format": "uuid"}, examples=["6a0b9d2e-4e0b-4d7a-9a53-9f1f2f1f4c11"])
    email: str | None = Field(examples=["alice@example.com"])
    name: str = Field(examples=["Alice"])
    created_at: Instant
    updated_at: Instant
    email_verified_at: Instant | None
    revision: int = Field(
        description="When the export began. `/changes` since then has everything that it lacks.", examples=[7]
    )
    tasks: int = Field(description="The number of tasks when the export began.", examples=[1])
    purged_revision: int = Field(description="The newest deletion that is forgotten.", examples=[0])
    kept_bytes: int = Field(description="How much room the kept answers and the undos take.", examples=[0])


class ExportedEmail(Output):
    """An address that leads to the user."""

    email: str = Field(description="As it is compared: without regard to case.", examples=["alice@example.com"])


class ExportedIdentity(Output):
    """A log-in with another issuer."""

    issuer: str = Field(examples=["https://id.example.com"])
    subject: str = Field(examples=["248289761001"])
    created_at: Instant


class ExportedSession(Output):
    """A log-in, without anything by which its refresh tokens could be known."""

    id: str = Field(json_schema_extra={"format": "uuid"}, examples=["0e4a3a54-6f2c-4f0e-9d5e-0a4a1f6f2a0b"])
    created_at: Instant
    last_used_at: Instant
    expires_at: Instant
    user_agent: str | None = Field(examples=["Firefox"])
    address: str | None = Field(examples=["192.0.2.1"])
    generation: int = Field(description="Which of its refresh tokens has not been used: 1 is the first.", examples=[1])


class ExportedApiToken(Output):
    """An API token, without anything by which it could be known."""

    id: str = Field(json_schema_extra={"format": "uuid"}, examples=["5e0d3c62-61cc-4f43-8f0c-2b1c9b7f2d10"])
    name: str = Field(examples=["Backup"])
    scopes: str = Field(description="Separated by spaces.", examples=["tasks:read"])
    created_at: Instant
    expires_at: Instant | None
    last_used_at: Instant | None


class ExportedMail(Output):
    """A mail that is about to be sent."""

    id: str = Field(json_schema_extra={"format": "uuid"}, examples=["9b1f0a34-5c0e-4f37-8f27-4f0d5a1b2c3d"])
    kind: str = Field(examples=["reset"])
    address: str = Field(examples=["alice@example.com"])
    created_at: Instant
    attempts: int = Field(examples=[0])
    due_at: Instant


class ExportedMailToken(Output):
    """A link that was sent by mail, without anything by which it could be known."""

    kind: str = Field(examples=["reset"])
    address: str = Field(examples=["alice@example.com"])
    expires_at: Instant


class ExportedPushSubscription(Output):
    """A browser that is told of reminders, without the keys to write to it."""

    id: str = Field(json_schema_extra={"format": "uuid"}, examples=["f7b1c0de-3c1f-4a0b-9f0e-2f5f8f9f0a11"])
    endpoint: str = Field(examples=["https://updates.push.services.mozilla.com/wpush/v2/gAAAAABn"])
    server_key: str = Field(
        description="The public key of the server's that it was made for.",
        examples=["BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM"],
    )
    created_at: Instant
    failed_at: Instant | None = Field(description="Since when nothing can be delivered.")
    last_failed_at: Instant | None = Field(description="When that was last seen, to a day.")


class ExportedCalendarToken(Output):
    """The token of the calendar's address, without anything by which it could be known."""

    created_at: Instant


class ExportedAnswer(Output):
    """An answer that is kept to be given again."""

    idempotency_key: str = Field(examples=["6f1c1f0c-8a3e-4a57-9a5e-0d6a2b1c7f10"])
    fingerprint: str = Field(description="Of the request.", examples=["9f86d081…"])
    created_at: Instant
    status: int | None = Field(examples=[201])
    body: str | None = Field(description="As it was sent: JSON in text.", examples=['{"title":"Buy oat milk"}'])
    etag: str | None = Field(examples=['"7"'])
    location: str | None = Field(examples=["/api/me/tasks/0f8fad5b-d9cb-469f-a165-70867728950e"])
    kept_bytes: int = Field(description="How much room it takes.", examples=[700])
    undo_token: str | None = Field(
        description="By which the write can be undone.", examples=["2f1d4a52-9b7d-4a6e-8d1c-6a1f7f3f9c55"]
    )


class ExportedUndo(Output):
    """What one transaction of a write has changed, so that the write can be undone."""

    id: str = Field(
        json_schema_extra={"format": "uuid"},
        description="The token of the write.",
        examples=["2f1d4a52-9b7d-4a6e-8d1c-6a1f7f3f9c55"],
    )
    revision: int = Field(examples=[7])
    created_at: Instant
    tasks: int = Field(description="How many tasks undoing it adds.", examples=[1])
    stored_bytes: int = Field(description="How many bytes undoing it adds.", examples=[512])
    kept_bytes: int = Field(description="How much room it takes.", examples=[900])
    deleted: str | None = Field(description="What was deleted: JSON in text.", examples=['{"number":1,"things":[]}'])
    result: str | None = Field(
        description="What undoing it has answered: JSON in text.", examples=['{"undone":1,"conflicts":[]}']
    )
    restored: str | None = Field(
        description="By the revisions that undoing it wrote, those of the rows that it brought back: JSON in text.",
        examples=['{"9":5}'],
    )
    rows: str = Field(description="What was changed, as it was before: JSON in text.", examples=["[]"])
    unfinished: str | None = Field(
        description="Of a write that has not come to its end: how its request is known when it is sent again.",
        examples=["9f86d081…"],
    )


class ExportedImport(Output):
    """An import: what a file had in it."""

    id: str = Field(json_schema_extra={"format": "uuid"}, examples=["9b1f0a34-5c0e-4f37-8f27-4f0d5a1b2c3d"])
    created_at: Instant
    expires_at: Instant
    filename: str = Field(examples=["todoist.zip"])
    format: str = Field(examples=["todoist"])
    digest: str = Field(description="Of the file.", examples=["9f86d081…"])
    state: str = Field(examples=["done"])
    stopped_by: str | None = Field(examples=["tasks"])
    total: int = Field(description="How many things are in the file.", examples=[120])
    done: int = Field(description="How many of them were seen to.", examples=[120])
    slices: int = Field(description="In how many parts it is done.", examples=[1])
    next_slice: int = Field(examples=[1])
    base: int | None = Field(description="After which revision its things stand.", examples=[7])
    timezone: str | None = Field(examples=["Europe/Berlin"])
    day_reminder_at: str | None = Field(examples=["09:00:00"])
    kinds: str = Field(description="The numbers of each kind: JSON in text.", examples=["{}"])
    not_understood: str = Field(description="JSON in text.", examples=['{"total":0,"items":[]}'])
    removed: int = Field(examples=[0])
    stayed: str = Field(description="JSON in text.", examples=['{"total":0,"items":[]}'])


class ExportedImportSlice(Output):
    """A part of an import."""

    import_id: str = Field(json_schema_extra={"format": "uuid"}, examples=["9b1f0a34-5c0e-4f37-8f27-4f0d5a1b2c3d"])
    number: int = Field(examples=[0])
    things: str = Field(description="What is to be made, or was: JSON in text.", examples=["[]"])


class ExportedTombstone(Output):
    """The trace of something that was deleted."""

    kind: str = Field(examples=["task"])
    id: str = Field(json_schema_extra={"format": "uuid"}, examples=["0f8fad5b-d9cb-469f-a165-70867728950e"])
    list_id: str | None = Field(json_schema_extra={"format": "uuid"}, description="The list that it was in.")
    revision: int = Field(examples=[7])
    removed_at: Instant
    ical_name: str | None = Field(
        description="Of its resource in CalDAV, if that was not `{id}.ics`.", examples=["a.ics"]
    )


class ExportedDeparture(Output):
    """The trace of what was moved out of a list, or has another name there in CalDAV."""

    list_id: str = Field(
        json_schema_extra={"format": "uuid"},
        description="Your own id for the inbox.",
        examples=["7d444840-9dc0-41d1-b245-5ffdce74fad2"],
    )
    ical_name: str = Field(description="Empty where only the revision is still known.", examples=["a.ics"])
    revision: int = Field(examples=[7])
    removed_at: Instant | None


class ExportedObject(Output):
    """An event, or something else that a CalDAV client has put beside tasks."""

    id: str = Field(json_schema_extra={"format": "uuid"}, examples=["0f8fad5b-d9cb-469f-a165-70867728950e"])
    list_id: str = Field(
        json_schema_extra={"format": "uuid"},
        description="Your own id for the inbox.",
        examples=["7d444840-9dc0-41d1-b245-5ffdce74fad2"],
    )
    ical_name: str = Field(examples=["a.ics"])
    ical_uid: str = Field(examples=["040000008200E00074C5B7101A82E008"])
    component: str = Field(examples=["VEVENT"])
    starts: Instant | None = Field(description="All of its dates are between this and `ends`.")
    ends: Instant | None
    ical_text: str = Field(description="As it came.", examples=["BEGIN:VCALENDAR…"])
    created_at: Instant
    updated_at: Instant
    revision: int = Field(examples=[7])
    sequence: int = Field(description="The revision at which it was made.", examples=[1])


class _ExportRead(Output):
    """Everything that is stored about a user."""

    user: ExportedUser
    emails: list[ExportedEmail]
    identities: list[ExportedIdentity]
    sessions: list[ExportedSession]
    api_tokens: list[ExportedApiToken]
    outbox: list[ExportedMail]
    mail_tokens: list[ExportedMailToken]
    push_subscriptions: list[ExportedPushSubscription]
    calendar_tokens: list[ExportedCalendarToken] = Field(description="One, or none where there is no calendar.")
    answers: list[ExportedAnswer]
    undos: list[ExportedUndo]
    imports: list[ExportedImport]
    import_slices: list[ExportedImportSlice]
    tombstones: list[ExportedTombstone]
    departures: list[ExportedDeparture]
    ical_objects: list[ExportedObject]


def _exported(kind: Followed) -> Any:
    more = {name: how for name, (_, how) in kind.exported.items()}
    has_many = "sequence" in kind.repository.table.c
    if has_many:
        more = {"sequence": (int, Field(description="The revision at which it was made.", examples=[1])), **more}
    each: type[BaseModel] = kind.read
    if more:
        each = create_model(f"Exported{kind.name.title()}", __base__=kind.read, __doc__=kind.read.__doc__, **more)
    return list[each], Field(description="The oldest first." if has_many else "One, or none where there are none yet.")


ExportRead = create_model(
    "ExportRead",
    __base__=_ExportRead,
    __doc__=_ExportRead.__doc__,
    **{kind.plural: _exported(kind) for kind in FOLLOWED},
)
