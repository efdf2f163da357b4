"""The errors, in words of the domain.

`code` is the stable word that clients compare, `message` one sentence for a person. `http/errors.py` decides which HTTP
status a kind of error gets. Nothing here may hold a secret or repeat a client's input.
"""

from typing import Any, ClassVar


class DoableError(Exception):
    """The base of all refusals that Doable foresees.

    `details` are further members of the answer's JSON, which a client may need for its next step.
    """

    code: ClassVar[str]
    message: ClassVar[str]

    def __init__(self, message: str | None = None, **details: Any) -> None:
        super().__init__(*([] if message is None else [message]))
        self.details = details

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else self.message


class Invalid(DoableError):
    """The input cannot be used. `where` is the place of the mistake (`body`, `header`, …) and the name in it."""

    code = "validation_error"
    message = "Some of the input is not valid."
    problem: ClassVar[str | None] = None
    """The word for it in `detail`, if that differs from the code."""

    def __init__(self, message: str | None = None, *, where: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.where = where


class MailTokenInvalid(Invalid):
    """The token of a mailed link is unknown, was used, has expired, or was replaced by another.

    Not Unauthenticated: a 401 makes clients refresh their session or drop it, and the session is not to blame.
    """

    code = "mail_token_invalid"
    message = "This link has been used or has expired. Ask for a new one."

    def __init__(self) -> None:
        super().__init__(where=("body", "token"))


class ReferenceNotFound(Invalid):
    """A member names something by an id that nothing of the current user's has."""

    problem = "not_found"

    def __init__(self, *where: str) -> None:
        super().__init__("none of yours has this id", where=where)


class Missing(Invalid):
    """A member is needed, as what is stored has none either."""

    problem = "missing"

    def __init__(self, *where: str) -> None:
        super().__init__("Required", where=where)


class NotInList(Invalid):
    """What is named is in another list than the task is or would be."""

    problem = "not_in_list"


class UseMove(Invalid):
    """A change names another list, section or parent than the thing has."""

    code = "use_move"
    message = "Another list, section or parent is a move: POST …/move."


class NotASibling(Invalid):
    """A task cannot be put beside one of another list or parent than its own, or beside itself."""

    code = "not_a_sibling"
    message = "It can only stand beside a task of the same list and the same parent."


class Circle(Invalid):
    """A task cannot be a subtask of itself or of one of its subtasks."""

    code = "circle"
    message = "A task cannot be a subtask of itself, or of what is below it."

    def __init__(self) -> None:
        super().__init__(where=("body", "parent_id"))


class TooDeep(Invalid):
    """Subtasks go down to the fifth level, a task without a parent being the first."""

    code = "too_deep"
    message = "Subtasks go down to the fifth level, the task at the top being the first."

    def __init__(self) -> None:
        super().__init__(where=("body", "parent_id"))


class ChannelNotVerified(Invalid):
    """Reminders or digests would go by e-mail to an address that nobody has shown to be the user's."""

    code = "email_not_verified"
    message = (
        "Reminders and digests are mailed to a verified address only. Open the link that was mailed to yours; "
        "POST /api/auth/email/resend sends another."
    )

    def __init__(self, *where: str) -> None:
        super().__init__(where=where)


class PushHostRefused(Invalid):
    """Push messages are not sent to this address: it is no endpoint, or of no service that `PUSH_HOSTS` names."""

    code = "push_host"
    message = "This is not an address of a push service that this server sends to. Its PUSH_HOSTS says which those are."

    def __init__(self) -> None:
        super().__init__(where=("body", "endpoint"))


class TitleTooLong(Invalid):
    """What quick add leaves of a text is more than a title may be."""

    problem = "title_too_long"

    def __init__(self, most: int) -> None:
        super().__init__(f"the title would have more than {most} characters", where=("body", "text"))


class MomentIncomplete(Invalid):
    """What was sent makes no date and no time, together with what is stored."""

    problem = "moment_incomplete"


class RecurrenceUnsupported(Invalid):
    """The rule is none of those that are understood."""

    code = "recurrence_unsupported"
    message = "This is no rule that a task can recur by."

    def __init__(self, message: str) -> None:
        super().__init__(message, where=("body", "recurrence", "rule"))


class RecurrenceNever(Invalid):
    """The rule has no date after its first."""

    code = "recurrence_never"
    message = "The rule has no other date within 100 years, by months within 500 of them, or before 2201."

    def __init__(self) -> None:
        super().__init__(where=("body", "recurrence", "rule"))


class RecurrenceNeedsDue(Invalid):
    """A task that recurs is due on some day."""

    problem = "recurrence_needs_due"

    def __init__(self) -> None:
        super().__init__("a task that recurs needs a due date", where=("body", "due"))


class FilterInvalid(Invalid):
    """A filter cannot be read: at this position, counted from 0 in code points, something else was expected."""

    code = "filter_invalid"
    message = "This is no filter."

    def __init__(self, message: str, *, position: int, where: tuple[str, ...]) -> None:
        super().__init__(message, where=where)
        self.details = {"position": position}


class CursorInvalid(Invalid):
    """The cursor is none that was given out for these parameters."""

    code = "cursor_invalid"
    message = "This cursor is of another list, or of another version of Doable. Begin again without one."

    def __init__(self) -> None:
        super().__init__(where=("query", "cursor"))


class SortNeeds(Invalid):
    """The order is only there for some of what can be asked for."""

    code = "sort_needs"
    message = "`position` needs one `list` or a `parent`, and `-completed_at` needs `completed=true`."

    def __init__(self) -> None:
        super().__init__(where=("query", "sort"))


class NothingToSearch(Invalid):
    """No word is in what is searched for."""

    code = "nothing_to_search"
    message = "There is no letter, number or emoji in it that could be searched for."

    def __init__(self) -> None:
        super().__init__(where=("query", "q"))


class TooManyTerms(Invalid):
    """More words are searched for at once than may be."""

    problem = "too_many_terms"

    def __init__(self) -> None:
        super().__init__("at most 10 words and quoted phrases can be searched for", where=("query", "q"))


class FileUnreadable(Invalid):
    """The file of an import is not what its format says, or nobody knows its format."""

    code = "file_unreadable"
    message = "The file cannot be read."

    def __init__(self, message: str) -> None:
        super().__init__(message, where=("body", "file"))


class IdempotencyKeyReused(Invalid):
    """The key belongs to another request."""

    code = "idempotency_key_reused"
    message = (
        "This Idempotency-Key was sent with another method, address or body before. Use a new one for each request."
    )


class WeakPassword(Invalid):
    """The new password is too easily guessed. Its text gives the reason, and never quotes the password."""

    code = "weak_password"
    message = "This password is too easily guessed: too short, very common, or with the name of the e-mail in it."


class Unauthenticated(DoableError):
    """The credential is unknown, or no longer valid."""

    code = "unauthenticated"
    message = "A valid access token is needed. Log in and send it as 'Authorization: Bearer <token>'."


class ScraperUnauthenticated(Unauthenticated):
    """Whoever asks for the figures has not sent the token for them; logging in would not help."""

    message = "The figures take METRICS_TOKEN. Send it as 'Authorization: Bearer <token>'."


class WrongCredentials(Unauthenticated):
    """One error for an unknown e-mail and a wrong password, so that neither can be told from the other."""

    code = "wrong_credentials"
    message = "The e-mail or the password is wrong."


class RefreshTokenInvalid(Unauthenticated):
    """The refresh token is unknown, or its session has ended."""

    code = "refresh_token_invalid"
    message = "This session has ended. Log in again."


class Forbidden(DoableError):
    """The caller is known, but may not do this."""

    code = "forbidden"
    message = "This belongs to somebody else."


class WrongPassword(Forbidden):
    """The caller is known, but did not give the right password once more."""

    code = "wrong_password"
    message = "The password is wrong."


class InsufficientScope(Forbidden):
    """The API token is good, but not for this. `scope` is the one that is needed; None if no API token will do."""

    code = "insufficient_scope"
    message = "This API token may not do this: its scopes do not allow it, or it needs a log-in."

    def __init__(self, scope: str | None = None) -> None:
        super().__init__()
        self.scope = scope


class CrossOrigin(Forbidden):
    """A page of another address, or none that says whose it is, has asked for what only a page of this server may."""

    code = "cross_origin"
    message = "Only pages of this server may do this. Anything else logs in at /api/auth/login."


class OriginRefused(CrossOrigin):
    """An endpoint for programs was asked by a page of another origin, or for another host than this server's."""

    message = (
        "Neither another host than this server's nor a page of another origin is answered here: PUBLIC_URL, ALLOWED_HOSTS and "
        "CORS_ORIGINS name those that are."
    )


class EmailNotVerified(Forbidden):
    """The password is right, but nobody has shown yet that its user reads mail sent to this address."""

    code = "email_not_verified"
    message = "This e-mail address is not verified yet. Open the link that was sent to it, or ask for another."


class NotFound(DoableError):
    """There is no such thing."""

    code = "not_found"
    message = "There is nothing here."


class TaskNotFound(NotFound):
    """The current user has no such task."""

    code = "task_not_found"
    message = "There is no task with this id."


class ListNotFound(NotFound):
    """The current user has no such list."""

    code = "list_not_found"
    message = "There is no list with this id."


class SectionNotFound(NotFound):
    """The current user has no such section."""

    code = "section_not_found"
    message = "There is no section with this id."


class TagNotFound(NotFound):
    """The current user has no such tag."""

    code = "tag_not_found"
    message = "There is no tag with this id."


class FilterNotFound(NotFound):
    """The current user has no such filter."""

    code = "filter_not_found"
    message = "There is no filter with this id."


class ReminderNotFound(NotFound):
    """The task has no such reminder."""

    code = "reminder_not_found"
    message = "The task has no reminder with this id."


class NotificationNotFound(NotFound):
    """The current user has no such notification."""

    code = "notification_not_found"
    message = "There is no notification with this id."


class UndoNotFound(NotFound):
    """The current user has no write with this token to undo."""

    code = "undo_not_found"
    message = (
        "There is nothing to undo by this token: it is unknown, or older than 30 days, or newer ones took its room."
    )


class ImportNotFound(NotFound):
    """The current user has no import with this id, or its 7 days are over."""

    code = "import_not_found"
    message = "There is no import with this id, or it is older than 7 days."


class SubscriptionNotFound(NotFound):
    """The current user has no such push subscription."""

    code = "subscription_not_found"
    message = "There is no push subscription with this id."


class CalendarNotFound(NotFound):
    """No calendar has this token, whatever is the matter with it."""

    code = "calendar_not_found"
    message = "There is no calendar at this address. Whoever is logged in can make a new one."


class UnsubscribingNotFound(NotFound):
    """No mail has had this token in it, or its reader is gone."""

    code = "unsubscribing_not_found"
    message = "This link is not valid. Use the one in your newest mail, exactly as it is there."


class SessionNotFound(NotFound):
    """The current user has no such session."""

    code = "session_not_found"
    message = "There is no session with this id."


class TokenNotFound(NotFound):
    """The current user has no such API token."""

    code = "token_not_found"
    message = "There is no API token with this id."


class Conflict(DoableError):
    """The request clashes with something that is there."""

    code = "conflict"
    message = "This clashes with something that is there already."


class EmailTaken(Conflict):
    """A user with this e-mail exists."""

    code = "email_taken"
    message = "A user with this e-mail exists already."


class TagExists(Conflict):
    """There is a tag of this name, without regard to case. `current` is that."""

    code = "tag_exists"
    message = "There is a tag of this name already; `current` is that."

    def __init__(self, *, current: Any) -> None:
        super().__init__(current=current)


class TaskCompleted(Conflict):
    """A completed task can be given no rule."""

    code = "task_completed"
    message = "A completed task does not recur. Reopen it first."


class NotRecurring(Conflict):
    """There is nothing to skip in a task without a rule."""

    code = "not_recurring"
    message = "This task does not recur, or it is completed."


class OccurrencePassed(Conflict):
    """The task stands for another date of its rule than the one that was to be skipped."""

    code = "occurrence_passed"
    message = "The task stands for another date by now."


class NoNextOccurrence(Conflict):
    """The rule ends with this date, or its next one is not found in time."""

    code = "no_next_occurrence"
    message = "The rule has no date after this one, or none that can be found."


class TooManyTokens(Conflict):
    """The current user has as many API tokens as one may have."""

    code = "too_many_tokens"
    message = "You have 100 API tokens, and there cannot be more. Delete one that you do not need."


class TooMany(Conflict):
    """One user may not have more of these. `limit` says of what."""

    code = "too_many"
    message = "You have as much of this as you may have. Delete something that you do not need."

    def __init__(self, limit: str) -> None:
        super().__init__(limit=limit)


class TooManyRows(TooMany):
    """It takes along more rows than one transaction may write. `Writes` does such a thing in parts; a batch cannot."""

    def __init__(self) -> None:
        super().__init__("rows")


class ImportInProgress(Conflict):
    """The current user imports another file. `current` is the id of that import."""

    code = "import_in_progress"
    message = "Another import is under way, or was stopped. Wait for its end, or undo it."

    def __init__(self, *, current: str) -> None:
        super().__init__(current=current)


class RequestInProgress(Conflict):
    """The same request is still under way after this one has waited as long as it may."""

    code = "request_in_progress"
    message = "The first request with this Idempotency-Key is still under way. Try again in a moment."
    retry_after: ClassVar[int] = 1
    """Seconds."""


class PreconditionFailed(DoableError):
    """Somebody was faster. `current` is the thing as it is now."""

    code = "precondition_failed"
    message = "It has been changed or made in the meantime; `current` is how it is now."

    def __init__(self, *, current: Any) -> None:
        super().__init__(current=current)


class ResyncRequired(DoableError):
    """Some of the changes since that revision are no longer known."""

    code = "resync_required"
    message = "The changes since this revision are no longer known. Read everything again, from since=0."


class TooManyRequests(DoableError):
    """It was tried too often. After `retry_after` seconds it may be tried again."""

    code = "too_many_requests"
    message = "There were too many requests of this kind. Try again later."

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class AnswersFull(TooManyRequests):
    """The kept answers of the owner take all the room that they may. The oldest is deleted within a day."""

    code = "answers_full"
    message = "Too many answers are kept for your Idempotency-Keys. Try again later, or without a key."

    def __init__(self) -> None:
        super().__init__(retry_after=3600)


class TooManyStreams(TooManyRequests):
    """The current user follows as many event streams as one may."""

    code = "too_many_streams"
    message = "You have 20 event streams open in one process, and there cannot be more. Close one that you do not need."

    def __init__(self) -> None:
        # By then, the connection of a client that has vanished has been given up.
        super().__init__(retry_after=30)


class Unavailable(DoableError):
    """The database or another server cannot be reached, is full or overloaded; the same request may succeed later."""

    code = "unavailable"
    message = "The service cannot do this right now. Try again in a moment."
    retry_after: ClassVar[int] = 1
    """Seconds."""


class StorageFull(Unavailable):
    """The disk of the database has no room for the write."""

    code = "storage_full"
    message = "The server has no room to store anything. Reading still works. Try again later."
    retry_after: ClassVar[int] = 10


class Busy(Unavailable):
    """It could wait no longer for a lock, or another transaction undid what it did, again and again, or the process ends."""


class Overloaded(Unavailable):
    """More is asked for than can be done, altogether or by this user."""

    code = "overloaded"
    message = "The service is asked for more than it can do right now. Try again in a moment."


class Misconfigured(DoableError):
    """The settings or the machine do not let Doable run. Its text, one or two sentences, says how to mend it."""

    code = "misconfigured"
    message = "Doable is not set up correctly."


class NotReady(Misconfigured):
    """What Doable needs is not there, or not ready, and may well be in a moment: a database that has not started yet."""
