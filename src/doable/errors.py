"""What can go wrong, in words of the domain.

`code` is the stable word that clients compare, `message` one sentence for a person. Which HTTP status a kind of error
gets is decided in `http/errors.py`. Nothing here may hold a secret or repeat what a client sent.
"""

from typing import ClassVar


class DoableError(Exception):
    """The base of everything that Doable refuses on purpose."""

    code: ClassVar[str]
    message: ClassVar[str]

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else self.message


class Invalid(DoableError):
    """The input cannot be used."""

    code = "validation_error"
    message = "Some of the input is not valid."


class Unauthenticated(DoableError):
    """Nobody, or nobody any more, is known by this credential."""

    code = "unauthenticated"
    message = "A valid access token is needed. Log in and send it as 'Authorization: Bearer <token>'."


class WrongCredentials(Unauthenticated):
    """One error for an unknown e-mail and a wrong password, so that neither can be told from the other."""

    code = "wrong_credentials"
    message = "The e-mail or the password is wrong."


class Forbidden(DoableError):
    """The caller is known and may not do this."""

    code = "forbidden"
    message = "This belongs to somebody else."


class NotFound(DoableError):
    """There is no such thing."""

    code = "not_found"
    message = "There is nothing here."


class TaskNotFound(NotFound):
    """The current user never had this task, or has it no more."""

    code = "task_not_found"
    message = "There is no task with this id."


class Conflict(DoableError):
    """What is asked for clashes with what is there."""

    code = "conflict"
    message = "This clashes with something that is there already."


class EmailTaken(Conflict):
    """A user with this e-mail exists."""

    code = "email_taken"
    message = "A user with this e-mail exists already."


class Unavailable(DoableError):
    """The database cannot be reached, is full or is overloaded; the same request may succeed a little later."""

    code = "unavailable"
    message = "The service cannot do this right now. Try again in a moment."
    retry_after: ClassVar[int] = 1
    """Seconds."""


class Misconfigured(DoableError):
    """The settings or the machine do not let Doable run. Its text, one or two sentences, says how to mend it."""

    code = "misconfigured"
    message = "Doable is not set up rightly."
