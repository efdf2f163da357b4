"""The plain page that a link to a task leads to, so that it works without a frontend (`TASK_URL`).

It is the same whoever asks for whichever task. What it shows it asks the API for, once somebody has logged in on it; the
tokens stay in the page, and the session ends with it.
"""

from importlib.resources import files
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from doable.http.plain_pages import plain_page
from doable.http.requests import JSONRoute
from doable.tasks.dependencies import TaskId

router = APIRouter(include_in_schema=False, route_class=JSONRoute)

_FILES: Final = files("doable.tasks.page")
_MAIN: Final = (_FILES / "task.html").read_text()
_SCRIPT: Final = (_FILES / "task.js").read_text()


@router.get("/tasks/{task_id}")
async def task_page(request: Request, task_id: TaskId) -> HTMLResponse:
    """The page; whether there is such a task is nothing that it knows."""
    del task_id
    return plain_page(request.app.document.title, "Task", _MAIN, script=_SCRIPT)
