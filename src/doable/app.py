"""The application: wires everything, and is the one place that knows all the packages."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI
from starlette.middleware import Middleware

from doable import __version__
from doable.accounts.routes import api_tokens as api_token_routes
from doable.accounts.routes import links, me, pages, sessions, sign_up
from doable.accounts.users.removal import INTERVAL_SECONDS, delete_what_is_left
from doable.accounts.wiring import open_accounts
from doable.background import PURGE_SECONDS, Repeating
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

DESCRIPTION = """
The task service that a todo frontend needs. Sign up or log in, send the token as `Authorization: Bearer <token>`, and use
`me` for your user id in every path.

Every error has one shape: `detail`, `status_code`, a stable `code` for programs and a `message` for people. Every answer
carries an `X-Request-ID`, which is in the log too.
"""

ROUTERS = (
    sign_up.router,
    sessions.public,
    sessions.router,
    api_token_routes.router,
    me.for_api_tokens,
    me.for_log_ins,
    links.public,
    links.router,
    pages.router,
    tasks_routes.router,
    sync_routes.router,
    export_routes.router,
    health.router,
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The ASGI application. Raises Misconfigured if the settings cannot be used. Secret and database are needed when it starts."""
    settings = settings or Settings.load()
    logs.configure(debug=settings.debug)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with (
            open_database(settings) as database,
            open_accounts(database, settings) as accounts,
            Repeating(
                "purge",
                PURGE_SECONDS,
                partial(purge_tombstones, database, settings.tombstones_kept),
                partial(purge_answers, database),
            ),
            Repeating("removal", INTERVAL_SECONDS, partial(delete_what_is_left, database)),
            Followers(database, accounts.gate.check) as followers,
        ):
            app.state.database = database
            app.state.accounts = accounts
            app.state.max_kept_bytes = settings.max_kept_bytes
            app.state.followers = followers
            # Everything that is there by now stays. A collector that walks over all of it holds up every request for 50 ms.
            gc.freeze()
            gc.enable()
            yield

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
