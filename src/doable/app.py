"""The application: wires everything, and is the one place that knows all the packages."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from fastapi import FastAPI
from starlette.middleware import Middleware

from doable import __version__
from doable.accounts import keys
from doable.accounts.api_tokens.repository import ApiTokenRepository
from doable.accounts.api_tokens.verifier import ApiTokenVerifier
from doable.accounts.dependencies import Accounts
from doable.accounts.gate.access_tokens import Tokens
from doable.accounts.gate.revocations import Revocations
from doable.accounts.issuers.identities import IdentityRepository
from doable.accounts.issuers.issuers import Issuers
from doable.accounts.links.postman import Postman
from doable.accounts.links.repository import MailTokenRepository, purge_mail_tokens
from doable.accounts.log_in import PasswordChecks
from doable.accounts.passwords.hashing import Passwords
from doable.accounts.passwords.rules import PasswordRules
from doable.accounts.routes import api_tokens as api_token_routes
from doable.accounts.routes import links, me, pages, sessions, sign_up
from doable.accounts.sessions.repository import SessionRepository, purge_sessions
from doable.accounts.users.repository import UserRepository, purge_revocations
from doable.background import Repeating
from doable.database import open_database
from doable.export import routes as export_routes
from doable.http import documentation, errors, health, logs
from doable.http.dispatch import Dispatch
from doable.http.middleware import CORS, EXPOSED_HEADERS, Guard, RequestLog
from doable.http.requests import JSONRoute
from doable.owned.purge import purge_answers, purge_tombstones
from doable.settings import Settings
from doable.sync import routes as sync_routes
from doable.sync.followers import Followers
from doable.tasks import routes as tasks_routes
from doable.throttling.addresses import Addresses
from doable.throttling.quotas import Quotas
from doable.throttling.throttle import Throttle, purge_attempts

DESCRIPTION = """
The task service that a todo frontend needs. Sign up or log in, send the token as `Authorization: Bearer <token>`, and use
`me` for your user id in every path.

Every error has one shape: `detail`, `status_code`, a stable `code` for programs and a `message` for people. Every answer
carries an `X-Request-ID`, which is in the log too.
"""

PURGE_SECONDS: Final = 3600.0

ROUTERS = (
    sign_up.public,
    sign_up.router,
    sessions.public,
    sessions.router,
    api_token_routes.router,
    me.account,
    me.router,
    links.public,
    links.router,
    pages.router,
    tasks_routes.router,
    sync_routes.router,
    export_routes.router,
    health.router,
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The ASGI application. Raises Misconfigured if the settings cannot be used; the database is opened at start-up."""
    settings = settings or Settings.load()
    logs.configure(debug=settings.debug)
    tokens = Tokens(settings.secrets, settings.token_lifetime)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        passwords = Passwords(
            settings.web_concurrency,
            PasswordRules(settings.min_password_length, refuse_common=settings.refuse_common_passwords),
        )
        async with (
            open_database(settings) as database,
            Revocations(database) as revocations,
            ApiTokenVerifier(api_tokens := ApiTokenRepository(database, revocations.add)) as api_token_verifier,
            Repeating(
                "purge",
                PURGE_SECONDS,
                partial(purge_tombstones, database, settings.tombstones_kept),
                partial(purge_answers, database),
                partial(purge_sessions, database),
                partial(purge_mail_tokens, database),
                partial(purge_revocations, database),
                partial(purge_attempts, database),
            ),
            Postman(database, settings) as postman,
            Followers(database, revocations.check) as followers,
        ):
            app.state.database = database
            session_repository = SessionRepository(
                database,
                [keys.derive(secret, keys.REFRESH_TOKENS) for secret in settings.secrets],
                idle=settings.session_idle,
                longest=settings.session_longest,
                tokens_live=settings.token_lifetime,
                revoked=revocations.add,
            )
            users = UserRepository(database)
            throttle = Throttle(
                database,
                {
                    "login": settings.throttle_login,
                    "signup": settings.throttle_signup,
                    "refresh": settings.throttle_refresh,
                    "reset": settings.throttle_reset,
                    "verification": settings.throttle_verification,
                },
            )
            requests = settings.throttle_requests
            app.state.accounts = Accounts(
                database=database,
                users=users,
                sessions=session_repository,
                passwords=passwords,
                tokens=tokens,
                api_tokens=api_tokens,
                api_token_verifier=api_token_verifier,
                revocations=revocations,
                issuers=Issuers(settings.issuers, IdentityRepository(database)),
                password_checks=PasswordChecks(users, passwords, throttle),
                throttle=throttle,
                quotas=None if requests is None else Quotas(requests, settings.web_concurrency),
                addresses=Addresses(settings.trusted_proxies),
                mail_tokens=MailTokenRepository(database, session_repository, api_tokens, revoked=revocations.add),
                postman=postman,
                require_email_verification=settings.require_email_verification,
            )
            app.state.followers = followers
            # Everything that is there by now stays. A collector that walks over all of it holds up every request for 50 ms.
            gc.freeze()
            gc.enable()
            yield
        passwords.close()

    app = FastAPI(
        title=settings.api_title,
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,  # short operation ids, for generated clients
        lifespan=lifespan,
        # Nothing here is told to OpenTelemetry, and whether it is there is looked up at each request.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        middleware=_middleware(settings),
    )
    errors.install(app)
    for router in ROUTERS:
        app.include_router(router)
    documentation.install(app)
    return app


def _middleware(settings: Settings) -> list[Middleware]:
    cors = Middleware(
        CORS,
        allow_origins=settings.cors_origins,
        allow_methods=("GET", "POST", "PUT", "PATCH", "DELETE"),
        allow_headers=(
            "Authorization",
            "Content-Type",
            "Idempotency-Key",
            "If-Match",
            "If-None-Match",
            "Last-Event-ID",
            "X-Request-ID",
        ),
        expose_headers=EXPOSED_HEADERS,
    )
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, JSONRoute)]
    return [
        Middleware(RequestLog),
        *([cors] if settings.cors_origins else []),
        Middleware(Guard),
        Middleware(Dispatch, routes=routes),
    ]
