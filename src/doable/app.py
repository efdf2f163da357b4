"""The application: wires everything, and is the one place that knows all packages."""

import gc
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from functools import partial
from typing import Final

from starlette.types import ASGIApp

from doable import __version__, health
from doable.accounts.routes import api_tokens as api_token_routes
from doable.accounts.routes import cookie_session, links, me, sessions, sign_up
from doable.accounts.routes import pages as account_pages
from doable.accounts.users.removal import INTERVAL_SECONDS, delete_what_is_left
from doable.accounts.wiring import open_accounts
from doable.background import PURGE_SECONDS, Repeating
from doable.batch import routes as batch_routes
from doable.caldav import routes as caldav_routes
from doable.caldav.paths import PATH as CALDAV
from doable.caldav.profile import routes as profile_routes
from doable.calendar import document as calendar_document
from doable.calendar import routes as calendar_routes
from doable.database import open_migrated
from doable.database.long_reads import LongReads
from doable.filters import routes as filters_routes
from doable.http import logs, pages
from doable.http.application import Application
from doable.http.headers import of_every_answer
from doable.http.hosts import Hosts
from doable.http.middleware import CORS, Guard, RequestLog
from doable.http.openapi import Document
from doable.http.requests import JSONRoute, Routes
from doable.http.router import Router
from doable.http.scope import CORS_ORIGINS, EVERY_ANSWER, NETWORK_OF
from doable.lists import routes as lists_routes
from doable.mcp import routes as mcp_routes
from doable.metrics import routes as metrics_routes
from doable.metrics.requests import Requests
from doable.notifications import routes as notifications_routes
from doable.notifications.courier import Courier
from doable.notifications.digests import INTERVAL_SECONDS as DIGESTS_SECONDS
from doable.notifications.digests import make as make_digests
from doable.notifications.firing import INTERVAL_SECONDS as FIRING_SECONDS
from doable.notifications.firing import fire
from doable.notifications.repository import purge as purge_notifications
from doable.notifications.unsubscribing import UnsubscribeTokens
from doable.owned.limits import Limits
from doable.owned.purge import ANSWERS, UNDOS, purge_kept, purge_tombstones
from doable.preferences import routes as preferences_routes
from doable.push import routes as push_routes
from doable.push.push import Push
from doable.sections import routes as sections_routes
from doable.settings import Settings
from doable.sync import routes as sync_routes
from doable.sync.followers import Followers
from doable.tags import routes as tags_routes
from doable.tasks import routes as tasks_routes
from doable.tasks.fields import MAX_DESCRIPTION_LENGTH
from doable.tasks.page import routes as task_page_routes
from doable.tasks.quick import routes as quick_routes
from doable.throttling.addresses import Addresses
from doable.transfer import routes as transfer_routes
from doable.transfer.repository import purge as purge_imports
from doable.transfer.working import INTERVAL_SECONDS as IMPORTING_SECONDS
from doable.transfer.working import work_on
from doable.transfer.writing import routes as export_routes
from doable.undo import routes as undo_routes
from doable.usage import routes as usage_routes
from doable.web import routes as web_routes
from doable.web.built import Place, is_built

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
    cookie_session.router,
    profile_routes.for_pages,
    profile_routes.for_browsers,
    caldav_routes.router,
    quick_routes.router,
    tasks_routes.router,
    tasks_routes.counts,
    lists_routes.router,
    sections_routes.router,
    tags_routes.router,
    filters_routes.router,
    preferences_routes.router,
    push_routes.router,
    calendar_routes.router,
    calendar_routes.public,
    notifications_routes.router,
    notifications_routes.public,
    batch_routes.router,
    sync_routes.router,
    export_routes.router,
    transfer_routes.router,
    usage_routes.router,
    undo_routes.router,
    mcp_routes.metadata,
    health.router,
)

PLAIN_PAGES = (account_pages.router, task_page_routes.router)
"""What mails link to where there is no web client for that."""

MOUNTED: Final[Mapping[str, ASGIApp]] = {
    "mcp": mcp_routes.edge,
    "dav": caldav_routes.edge,
    ".well-known": caldav_routes.well_known,
}
"""Edges that speak another protocol, by the first segment of their paths. Each asks the gate itself, and finds the open
database and the rest in `scope["app"].state`."""


def create_app(settings: Settings | None = None) -> Application:
    """The ASGI application. Raises Misconfigured if the settings cannot be used. Secret and database are needed when it starts."""
    settings = settings or Settings.load()
    logs.configure(debug=settings.debug)
    addresses = Addresses(settings.trusted_proxies)
    limits_of_owners = Limits(settings.max_tasks, settings.max_stored_bytes)
    requests = Requests() if settings.metrics_token or settings.metrics_port else None

    @asynccontextmanager
    async def lifespan(app: Application) -> AsyncIterator[None]:
        async with (
            open_migrated(settings) as database,
            open_accounts(database, settings, addresses) as accounts,
            Repeating(
                "purge",
                PURGE_SECONDS,
                partial(purge_tombstones, database, settings.tombstones_kept),
                partial(purge_kept, database, ANSWERS),
                partial(purge_kept, database, UNDOS),
                partial(purge_notifications, database),
                partial(purge_imports, database),
            ),
            Courier(database, push := Push(database, settings), settings) as courier,
            Repeating("reminders", FIRING_SECONDS, partial(fire, database, courier.wake)),
            Repeating("digests", DIGESTS_SECONDS, partial(make_digests, database, courier.wake)),
            Repeating("removal", INTERVAL_SECONDS, partial(delete_what_is_left, database)),
            Repeating("imports", IMPORTING_SECONDS, partial(work_on, database, limits_of_owners)) as importing,
            Followers(database, accounts.gate) as followers,
        ):
            app.state.database = database
            app.state.accounts = accounts
            app.state.push = push
            app.state.unsubscribe_tokens = UnsubscribeTokens(settings.secrets)
            app.state.calendars = LongReads(calendar_document.AT_ONCE)
            app.state.link = settings.link
            app.state.issuers = tuple(issuer.issuer for issuer in settings.issuers)
            app.state.cors_origins = settings.cors_origins
            app.state.allowed_hosts = settings.allowed_hosts
            app.state.max_kept_bytes = settings.max_kept_bytes
            app.state.limits = limits_of_owners
            app.state.importing = importing
            app.state.followers = followers
            async with open_metrics(app, requests, settings) if requests else nullcontext():
                # Everything that exists now stays. A collector that walks over all of it holds up every request for 50 ms.
                gc.freeze()
                gc.enable()
                yield

    routes = routes_of(*ROUTERS)
    limits = {MAX_DESCRIPTION_LENGTH: settings.max_description_length}
    document = Document(
        routes,
        title=settings.api_title,
        version=__version__,
        description=DESCRIPTION,
        link=settings.link,
        limits=limits,
    )
    place = Place(
        settings.public_path,
        settings.api_title,
        sends_mail=settings.smtp_url is not None,
        max_description_length=settings.max_description_length,
    )
    unlisted = [
        pages.pages(document),
        web_routes.router(place, is_https=settings.public_url.startswith("https://")),
        *([] if is_built() else PLAIN_PAGES),
        *([metrics_routes.router] if settings.metrics_token else []),
    ]
    router = Router([*routes, *routes_of(*unlisted)], MOUNTED, settings.public_path)
    headers = of_every_answer(settings.public_url)

    def around(inner: ASGIApp) -> ASGIApp:
        answer: ASGIApp = Guard(inner)
        if settings.cors_origins:
            # A calendar program is no page.
            answer = CORS.of(answer, settings.cors_origins, (CALDAV, settings.link(CALDAV)))
        if settings.allowed_hosts:
            answer = Hosts(answer, frozenset(settings.allowed_hosts))
        return RequestLog(answer, headers, requests.observe if requests else None)

    state = {
        EVERY_ANSWER: headers,
        CORS_ORIGINS: tuple(origin.encode() for origin in settings.cors_origins),
        NETWORK_OF: addresses.network_of,
    }
    return Application(document, router, around, lifespan, state, limits=limits)


@asynccontextmanager
async def open_metrics(app: Application, requests: Requests, settings: Settings) -> AsyncIterator[None]:
    """The figures of this process, and their listener, while the block lasts. The application has the rest open."""
    from doable.metrics.listener import Listener
    from doable.metrics.metrics import Metrics

    state = app.state
    async with (
        Metrics(requests, state.database, state.followers.open, settings) as metrics,
        AsyncExitStack() as stack,
    ):
        if settings.metrics_port is not None:
            await stack.enter_async_context(Listener(metrics, settings.metrics_port))
        state.metrics, state.metrics_token = metrics, settings.metrics_token
        yield


def routes_of(*routers: Routes) -> list[JSONRoute]:
    """All of their routes."""
    return [route for router in routers for route in router.routes]
