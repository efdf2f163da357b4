"""The plain page that a link to a task leads to, so that it works without a frontend (`TASK_URL`).

It is the same whoever asks for whichever task. What it shows it asks the API for, once somebody has logged in on it; the
tokens stay in the page, and the session ends with it.
"""

from importlib.resources import files
from typing import Annotated, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from doable.http.errors import http_error_response
from doable.http.notes import Path
from doable.http.plain_pages import plain_page
from doable.http.requests import Routes

router = Routes(is_documented=False)

_FILES: Final = files("doable.tasks.page")
_MAIN: Final = (_FILES / "task.html").read_text()
_SCRIPT: Final = (_FILES / "task.js").read_text()


@router.get("/tasks/{task_id}")
async def task_page(request: Request, task_id: Annotated[str, Path()]) -> Response:
    """The page; whether there is such a task is nothing that it knows. Any other address there is none."""
    try:
        UUID(task_id)
    except ValueError:
        return http_error_response(404, message=request.app.router.nothing_here)
    return plain_page(request.app.document.title, "Task", _MAIN, script=_SCRIPT)
