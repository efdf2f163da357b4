"""A session with the generated client, as a script would have it: sign up, make a task, find it, complete it, delete it."""

import sys
from datetime import date
from uuid import UUID

from doable_client import AuthenticatedClient, Client
from doable_client.api.accounts import sign_up
from doable_client.api.tasks import complete_task, create_task, delete_task, get_task, list_tasks
from doable_client.api.undo import undo
from doable_client.models import (
    ErrorRead,
    MomentCreate,
    SignedUpRead,
    SignUp,
    TaskComplete,
    TaskCreate,
    TaskCreatePriority,
    TaskPageRead,
    TaskRead,
    UndoneRead,
)

base_url, email = sys.argv[1:]
signed_up = sign_up.sync(client=Client(base_url), body=SignUp(email=email, password="correct horse battery staple"))
assert isinstance(signed_up, SignedUpRead), signed_up
client = AuthenticatedClient(base_url, token=signed_up.access_token)
task = create_task.sync("me", client=client, body=TaskCreate(title="Buy oat milk"))
assert isinstance(task, TaskRead), task
page = list_tasks.sync("me", client=client, limit=10)
assert isinstance(page, TaskPageRead), page
assert page.tasks == [task]
task_id = UUID(str(task.id))
completed = complete_task.sync("me", task_id, client=client, body=TaskComplete(is_completed=True))
assert isinstance(completed, TaskRead), completed
assert completed.is_completed
assert delete_task.sync_detailed("me", task_id, client=client).status_code == 204
gone = get_task.sync("me", task_id, client=client)
assert isinstance(gone, ErrorRead), gone
assert gone.code == "task_not_found"
due = MomentCreate(date=date(2026, 12, 1), time="09:00", timezone="Europe/Berlin")
new = TaskCreate(title="Buy oat milk", due=due, priority=TaskCreatePriority.HIGH, tags=["shop", "Café"])
task = create_task.sync("me", client=client, body=new)
assert isinstance(task, TaskRead), task
assert task.due is not None
assert (task.due.date, str(task.due.at)) == (due.date, "2026-12-01 08:00:00+00:00")
assert (task.priority, task.tags) == ("high", ["Café", "shop"])
deleted = delete_task.sync_detailed("me", UUID(str(task.id)), client=client, undo="1")
undone = undo.sync("me", UUID(deleted.headers["undo-token"]), client=client)
assert isinstance(undone, UndoneRead), undone
assert undone.undone == 1
page = list_tasks.sync("me", client=client, completed=False, list_=["inbox"])
assert isinstance(page, TaskPageRead), page
assert [each.id for each in page.tasks] == [task.id]
