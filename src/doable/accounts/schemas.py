"""Users and their log-ins as they go over the wire."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints

from doable.accounts import mail_addresses
from doable.http.schemas import NO_CONTROLS, SOME_TEXT, Input, Instant, Output

MAX_NAME: Final = 100
MAX_EMAIL: Final = 320


Email = Annotated[
    str,
    StringConstraints(max_length=MAX_EMAIL),
    AfterValidator(mail_addresses.normalised),
    Field(json_schema_extra={"format": "email"}, examples=["alice@example.com"]),
]
NewPassword = Annotated[
    str,
    StringConstraints(min_length=8, max_length=256),
    Field(
        json_schema_extra={"format": "password"},
        description="8 to 256 characters of any kind. A password that is easily guessed is refused.",
        examples=["correct horse battery staple"],
    ),
]
Password = Annotated[
    str,
    StringConstraints(max_length=256),
    Field(json_schema_extra={"format": "password"}, examples=["correct horse battery staple"]),
]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME, pattern=SOME_TEXT),
    Field(description="At most 100 characters.", examples=["Alice"]),
]
NameIfAny = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_NAME, pattern=NO_CONTROLS)] | None,
    AfterValidator(lambda name: name or None),
]


class SignUp(Input):
    """A new user."""

    email: Email
    password: NewPassword
    name: NameIfAny = Field(
        default=None,
        description="At most 100 characters. Absent or blank, it is the part of the e-mail before the @.",
        examples=["Alice"],
    )


class LogIn(Input):
    """A user's credentials."""

    email: Email
    password: Password


class UserUpdate(Input):
    """The part of a user that can be changed without a password."""

    name: Name


class PasswordChange(Input):
    """The new password, and the present one."""

    current_password: Password
    new_password: NewPassword


class Confirmation(Input):
    """The password, which a stolen token does not reveal."""

    password: Password


class UserRead(Output):
    """A user."""

    id: str = Field(json_schema_extra={"format": "uuid"}, examples=["6a0b9d2e-4e0b-4d7a-9a53-9f1f2f1f4c11"])
    # Mail goes to the address as it was typed; frontends know it in lower case, as in the first version.
    email: Annotated[str, AfterValidator(str.lower)] | None = Field(
        description="In lower case. Null for a user who has only ever logged in with another issuer.",
        examples=["alice@example.com"],
    )
    name: str = Field(examples=["Alice"])
    created_at: Instant
    email_verified_at: Instant | None = Field(
        description="When the address was verified; null if it is not. Reminders and the digest are mailed to a verified one."
    )


class Refresh(Input):
    """The token that refreshes a session."""

    refresh_token: Annotated[str, StringConstraints(max_length=256)] = Field(
        description="The newest one.",
        examples=[
            "agudLk4LTXqaU58fLx9MEQ5KOlRvLE8OnV4KSh9vKgsAAAAAAAADpU3KGCUwux1tEyze1iN7LtkeP3IfyxlxF0SU1kk8nVw0YL4xIB5p_tqg7ui5mX9c"
        ],
    )


class TokensRead(Output):
    """The tokens of a session: one for a short while, and one that gets the next two."""

    access_token: str = Field(
        description="Send it as `Authorization: Bearer <access_token>`.", examples=["eyJhbGciOi…"]
    )
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the name of the scheme
    expires_in: int = Field(description="How long the access token is valid, in seconds.", examples=[1800])
    refresh_token: str = Field(
        description="Send it to `/api/auth/refresh` for the next two tokens. Each can be used once.",
        examples=[
            "agudLk4LTXqaU58fLx9MEQ5KOlRvLE8OnV4KSh9vKgsAAAAAAAADpU3KGCUwux1tEyze1iN7LtkeP3IfyxlxF0SU1kk8nVw0YL4xIB5p_tqg7ui5mX9c"
        ],
    )


class LoggedInRead(TokensRead):
    """The tokens and whose they are."""

    user: UserRead


class SessionRead(Output):
    """A log-in."""

    id: str = Field(json_schema_extra={"format": "uuid"}, examples=["0e4a3a54-6f2c-4f0e-9d5e-0a4a1f6f2a0b"])
    created_at: Instant
    last_used_at: Instant = Field(description="When it was opened or refreshed last.")
    expires_at: Instant = Field(description="When it ends, unless it is refreshed before then.")
    user_agent: str | None = Field(description="The client's name for itself, at the last use.", examples=["Firefox"])
    address: str | None = Field(description="The network address of the last use.", examples=["192.0.2.1"])
    current: bool = Field(description="Whether it is the session of this request.")


class SessionsRead(Output):
    """The sessions that have not ended, the last used first."""

    sessions: list[SessionRead]


class SignedUpRead(LoggedInRead, UserRead):
    """The new user, who is logged in already."""


class UnverifiedRead(UserRead):
    """The new user, who can log in once the address is verified (`REQUIRE_EMAIL_VERIFICATION`)."""

    user: UserRead


MailToken = Annotated[str, StringConstraints(max_length=256)]


class ForgotPassword(Input):
    """The address of the user whose password is to be replaced."""

    email: Email


class ResetPassword(Input):
    """A new password, and the proof that its sender reads the user's mail."""

    token: MailToken = Field(
        description="The part of the mailed link after `#token=`.",
        examples=["agudLk4LTXqaU58fLx9MEXwpmf2v5ZMlPNZUr0361xQnoK6z_ukjL4ryIR-e5JHF"],
    )
    new_password: NewPassword


class VerifyEmail(Input):
    """The proof that the user reads mail sent to an address."""

    token: MailToken = Field(
        description="The part of the mailed link after `#token=`.",
        examples=["agudLk4LTXqaU58fLx9MEXwpmf2v5ZMlPNZUr0361xQnoK6z_ukjL4ryIR-e5JHF"],
    )


class ResendVerification(Input):
    """The address to be verified."""

    email: Email


class ChangeEmail(Input):
    """Another address."""

    new_email: Annotated[Email, Field(examples=["alice@example.org"])]
    password: Password
