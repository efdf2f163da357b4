"""The figures over HTTP, for a scraper that has METRICS_TOKEN."""

import hmac
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from doable.errors import ScraperUnauthenticated
from doable.http.requests import Routes

if TYPE_CHECKING:
    from doable.metrics.metrics import Metrics

# It is there only where the setting is, so the document, which is the same for all, does not have it.
router = Routes(is_documented=False)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """All figures. Raises ScraperUnauthenticated without the token."""
    state = request.app.state
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(
        token.strip().encode("latin-1"), state.metrics_token.get_secret_value().encode()
    ):
        raise ScraperUnauthenticated
    found: Metrics = state.metrics
    body, content_type = found.exposition(request.headers.get("accept"))
    return Response(body, headers={"Content-Type": content_type, "Cache-Control": "no-store"})
