"""The parts of accounts, as its routes ask for them."""

from typing import Annotated

from starlette.requests import Request

from doable.accounts.api_tokens.repository import ApiTokenRepository
from doable.accounts.dependencies import accounts
from doable.accounts.gate.access_tokens import Tokens
from doable.accounts.gate.revocations import Revocations
from doable.accounts.links.postman import Postman
from doable.accounts.links.repository import MailTokenRepository
from doable.accounts.log_in import LogIns, PasswordChecks
from doable.accounts.passwords.hashing import Passwords
from doable.accounts.sessions.repository import SessionRepository
from doable.accounts.sign_up import SignUps
from doable.accounts.users.repository import UserRepository
from doable.database import Database
from doable.http.notes import Depends
from doable.throttling.addresses import Origin
from doable.throttling.throttle import Throttle


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _origin(request: Request) -> Origin:
    return accounts(request).addresses.origin_of(request.scope)


def _users(request: Request) -> UserRepository:
    return accounts(request).users


def _sessions(request: Request) -> SessionRepository:
    return accounts(request).sessions


def _api_tokens(request: Request) -> ApiTokenRepository:
    return accounts(request).api_tokens


def _mail_tokens(request: Request) -> MailTokenRepository:
    return accounts(request).mail_tokens


def _tokens(request: Request) -> Tokens:
    return accounts(request).tokens


def _revocations(request: Request) -> Revocations:
    return accounts(request).revocations


def _passwords(request: Request) -> Passwords:
    return accounts(request).passwords


def _password_checks(request: Request) -> PasswordChecks:
    return accounts(request).password_checks


def _log_ins(request: Request) -> LogIns:
    return accounts(request).log_ins


def _sign_ups(request: Request) -> SignUps:
    return accounts(request).sign_ups


def _throttle(request: Request) -> Throttle:
    return accounts(request).throttle


def _postman(request: Request) -> Postman:
    return accounts(request).postman


OpenDatabase = Annotated[Database, Depends(_database)]
FromWhere = Annotated[Origin, Depends(_origin)]
Users = Annotated[UserRepository, Depends(_users)]
Sessions = Annotated[SessionRepository, Depends(_sessions)]
ApiTokens = Annotated[ApiTokenRepository, Depends(_api_tokens)]
MailTokens = Annotated[MailTokenRepository, Depends(_mail_tokens)]
AccessTokens = Annotated[Tokens, Depends(_tokens)]
Revoked = Annotated[Revocations, Depends(_revocations)]
Hashing = Annotated[Passwords, Depends(_passwords)]
Checks = Annotated[PasswordChecks, Depends(_password_checks)]
LoggingIn = Annotated[LogIns, Depends(_log_ins)]
SigningUp = Annotated[SignUps, Depends(_sign_ups)]
Throttling = Annotated[Throttle, Depends(_throttle)]
Post = Annotated[Postman, Depends(_postman)]
