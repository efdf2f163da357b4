"""The ceiling, `rivals/bare_asgi.py`, on a database that Doable has made."""

import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import jwt

from benchmarks import doable_server
from benchmarks.doable_server import filled
from benchmarks.server import RIVALS, free_port, process, program
from benchmarks.workload import SECRET, Account, email
from doable.database.sqlite.driver import connect

INTERFACE = replace(doable_server.INTERFACE, status_not_yours=404)


class BareASGIServer:
    """Uvicorn with the bare application. `grouped`: writes that come in at once share a commit."""

    def __init__(self, folder: Path, *, grouped: bool) -> None:
        folder.mkdir()
        self._folder = folder
        self._grouped = grouped
        self.name = "bare ASGI, grouped commits" if grouped else "bare ASGI"
        self.conditions = f"uvicorn without its log, the same SQLite as Doable, {'a commit for what came in at once' if grouped else 'a commit for each write'}"

    @contextmanager
    def running(self) -> Iterator[Account]:
        data, mine, others = filled(self._folder.parent, fields=False)
        database, port = Path(shutil.copy(data / "doable.db", self._folder)), free_port()
        with closing(connect(database)) as connection:
            ((owner_id,),) = connection.execute("SELECT id FROM users WHERE email = ?", (email(0),)).fetchall()
        command = [program("uvicorn"), "bare_asgi:app", "--app-dir", str(RIVALS), "--port", str(port)]
        command += ["--no-access-log", "--lifespan", "off"]
        environment = {"DATABASE": str(database), "SECRET_KEY": SECRET, "GROUPED": str(int(self._grouped))}
        with process(command, self._folder, f"http://127.0.0.1:{port}", **environment) as pid:
            claims = {"sub": owner_id, "exp": int(time.time()) + 3600, "jti": str(uuid.uuid4())}
            token = jwt.encode(claims, SECRET, "HS256")
            yield Account(INTERFACE, port, (pid,), token, owner_id, mine.tasks, others.tasks[0])
