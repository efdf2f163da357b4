"""Makes the parts of accounts, each with those that it needs, and runs their background work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from functools import partial

from doable.accounts.api_tokens.repository import ApiTokenRepository
from doable.accounts.api_tokens.verifier import ApiTokenVerifier
from doable.accounts.gate.access_tokens import Tokens
from doable.accounts.gate.gate import Gate
from doable.accounts.gate.repository import purge_revocations
from doable.accounts.gate.revocations import Revocations
from doable.accounts.issuers.identities import IdentityRepository
from doable.accounts.issuers.issuers import Issuers
from doable.accounts.links.postman import Postman
from doable.accounts.links.repository import MailTokenRepository, purge_mail_tokens
from doable.accounts.log_in import LogIns, PasswordChecks, learn_kinds
from doable.accounts.passwords.hashing import Passwords
from doable.accounts.passwords.rules import PasswordRules
from doable.accounts.sessions.refresh_tokens import RefreshTokens
from doable.accounts.sessions.repository import SessionRepository, purge_sessions
from doable.accounts.sign_up import SignUps
from doable.accounts.users.repository import UserRepository
from doable.background import PURGE_SECONDS, Repeating
from doable.database import Database
from doable.settings import Settings
from doable.throttling.addresses import Addresses
from doable.throttling.quotas import Quotas
from doable.throttling.throttle import Throttle, purge_attempts


@dataclass(frozen=True, slots=True)
class Accounts:
    """The parts, made once for the application."""

    gate: Gate
    revocations: Revocations
    tokens: Tokens
    users: UserRepository
    sessions: SessionRepository
    api_tokens: ApiTokenRepository
    mail_tokens: MailTokenRepository
    passwords: Passwords
    password_checks: PasswordChecks
    log_ins: LogIns
    sign_ups: SignUps
    addresses: Addresses
    throttle: Throttle
    postman: Postman


@asynccontextmanager
async def open_accounts(database: Database, settings: Settings, addresses: Addresses) -> AsyncIterator[Accounts]:
    """The parts of accounts on this database. They are ready when the block begins, and end with it."""
    rules = PasswordRules(settings.min_password_length, refuse_common=settings.refuse_common_passwords)
    with closing(Passwords(settings.workers, rules)) as passwords:
        async with (
            Revocations(database) as revocations,
            ApiTokenVerifier(api_tokens := ApiTokenRepository(database)) as api_token_verifier,
            Repeating(
                "purge of accounts",
                PURGE_SECONDS,
                partial(purge_sessions, database),
                partial(purge_mail_tokens, database),
                partial(purge_revocations, database),
                partial(purge_attempts, database),
            ),
            Repeating(
                "kinds of hashes", PURGE_SECONDS, partial(learn_kinds, users := UserRepository(database), passwords)
            ),
            Postman(database, settings) as postman,
        ):
            tokens = Tokens(settings.secrets, settings.token_lifetime)
            sessions = SessionRepository(
                database,
                RefreshTokens(settings.secrets),
                idle=settings.session_idle,
                longest=settings.session_longest,
                tokens_live=settings.token_lifetime,
            )
            throttle = Throttle(
                database,
                {
                    "login": settings.throttle_login,
                    "guesses": settings.throttle_guesses,
                    "signup": settings.throttle_signup,
                    "refresh": settings.throttle_refresh,
                    "mail": settings.throttle_mail,
                    "reset": settings.throttle_reset,
                    "verification": settings.throttle_verification,
                    "caldav": settings.throttle_caldav,
                },
            )
            password_checks = PasswordChecks(
                database, users, passwords, throttle, verified_only=settings.require_email_verification
            )
            requests = settings.throttle_requests
            yield Accounts(
                gate=Gate(
                    tokens,
                    api_token_verifier,
                    Issuers(settings.issuers, IdentityRepository(database, users)),
                    revocations,
                    None if requests is None else Quotas(requests, settings.workers),
                ),
                revocations=revocations,
                tokens=tokens,
                users=users,
                sessions=sessions,
                api_tokens=api_tokens,
                mail_tokens=MailTokenRepository(database, sessions, api_tokens),
                passwords=passwords,
                password_checks=password_checks,
                log_ins=LogIns(database, password_checks, sessions, revocations, throttle),
                sign_ups=SignUps(
                    database,
                    users,
                    sessions,
                    passwords,
                    throttle,
                    postman,
                    verified_only=settings.require_email_verification,
                ),
                addresses=addresses,
                throttle=throttle,
                postman=postman,
            )
