"""The text of a resource."""

from typing import cast

from doable.caldav import todo
from doable.caldav.repository import Resource
from doable.tasks.objects import ObjectRow
from doable.tasks.tables import TaskRow


def text_of(resource: Resource) -> str:
    """As it was put, if that says everything; else with what the task has by now in it, or made of the task."""
    if not resource.is_task:
        return cast("ObjectRow", resource.row)["ical_text"]
    task = cast("TaskRow", resource.row)
    put = task["ical_text"]
    if put is None:
        return todo.rendered(task, resource.uid, resource.parent_uid)
    return put if resource.is_as_put else todo.patched(put, task, resource.uid, resource.parent_uid)
