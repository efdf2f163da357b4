"""Migrations of real data, killed at any moment, and of a PostgreSQL that an older version writes to all the while."""

import gzip
import random
import subprocess
import tarfile
import threading
import time
import uuid
from collections import Counter
from contextlib import closing
from io import BytesIO
from pathlib import Path

import httpx
import pytest

from doable.database.migrate import MIGRATIONS
from doable.database.schema import SCHEMA_VERSION
from faults.conftest import measured
from support.postgresql import PostgreSQL
from support.schema import Contents, contents, execute, settings_of, version
from support.server import DOABLE, Server, environment
from support.server import doable as run
from support.users import TLS, User

ROOT = Path(__file__).parents[2]
FIRST_VERSION = ROOT / "tests/first_version"
TASKS = 20_000
KILLS = 4


def first_version(postgresql: PostgreSQL | None, tmp_path: Path) -> dict[str, str]:
    """The settings of a database of the first version, with so many tasks more that its migration takes a while."""
    environ = {"DATA_DIR": str(tmp_path / f"data-{uuid.uuid4().hex}")}
    data = Path(environ["DATA_DIR"])
    data.mkdir()
    if postgresql is None:
        (data / "doable.db").write_bytes(gzip.decompress((FIRST_VERSION / "sqlite/doable.db.gz").read_bytes()))
        series = f"(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {TASKS}) SELECT n FROM s)"  # noqa: S608 - a constant
        an_id = "printf('00000000-0000-4000-8000-%012d', n)"
    else:
        environ["DATABASE_URL"] = postgresql.load((FIRST_VERSION / "postgresql/dump.sql").read_text())
        series = f"(SELECT generate_series(1, {TASKS}) AS n)"
        an_id = "('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid"
    execute(
        settings_of(environ),
        "INSERT INTO tasks (owner_id, sequence, id, title, created_at, updated_at, revision) "  # noqa: S608 - constants
        f"SELECT owner_id, 1000000 + n, {an_id}, 'many', created_at, created_at, 1000000 + n "
        f"FROM (SELECT owner_id, created_at FROM tasks LIMIT 1) AS one, {series} AS s",
    )
    return environ


def kept(before: Contents, after: Contents) -> bool:
    """Whether all tasks are there, with what they had."""
    names = list(before["tasks"][0])
    rows = ({name: row[name] for name in names} for row in after["tasks"])
    return sorted(map(repr, rows)) == sorted(map(repr, before["tasks"]))


@pytest.mark.parametrize("backend", ["sqlite", "postgresql-18"], indirect=True, scope="session")
def test_a_migration_that_is_killed_at_any_moment_can_be_run_again(
    backend: str, postgresql: PostgreSQL | None, tmp_path: Path
) -> None:
    environ = first_version(postgresql, tmp_path)
    began = time.monotonic()
    assert run("migrate", cwd=tmp_path, **environ).returncode == 0
    takes = time.monotonic() - began
    environ = first_version(postgresql, tmp_path)
    settings = settings_of(environ)
    before = contents(settings)
    killed = 0
    for _ in range(KILLS):
        process = subprocess.Popen(
            [DOABLE, "migrate"], cwd=tmp_path, env=environment(**environ), stderr=subprocess.DEVNULL
        )
        try:
            process.wait(timeout=random.uniform(0.2 * takes, takes))  # noqa: S311 - a moment, not a secret
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            killed += 1
        # All of it, or nothing.
        if version(settings) == ["0003"]:
            assert contents(settings) == before
        else:
            assert version(settings) == [SCHEMA_VERSION]
            break
    done = run("migrate", cwd=tmp_path, **environ)
    assert done.returncode == 0, done.stderr
    assert version(settings) == [SCHEMA_VERSION]
    assert kept(before, contents(settings))
    measured(f"{backend}: migration of {TASKS} tasks of the first version", f"{takes:.1f} s, killed {killed} times")


class OlderServer(Server):
    """A server of the code before the newest migration."""

    spawns = True


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source before the newest migration."""
    (newest,) = MIGRATIONS.glob(f"versions/{SCHEMA_VERSION}_*.py")
    said = subprocess.run(
        ["git", "log", "--diff-filter=A", "--format=%H", "--", newest],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    commit = f"{(said.stdout.split() or ['none'])[-1]}~1"
    archive = subprocess.run(["git", "archive", commit, "src"], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode:
        pytest.skip("the history of this clone has no older version, so none ran beside this one")
    folder = tmp_path_factory.mktemp("older")
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    return folder / "src"


class Writers:
    """Clients that write with keys to any of some servers, and try again until it is done."""

    def __init__(self, server: Server, number: int) -> None:
        self.urls = [server.url]
        self.users = [User(server.url) for _ in range(number)]
        self.statuses: Counter[int | str] = Counter()
        self.titles: dict[str, list[str]] = {user.id: [] for user in self.users}
        self.slowest = 0.0
        self._enough = threading.Event()
        self.threads = [threading.Thread(target=self._write, args=(user,), daemon=True) for user in self.users]

    def _write(self, user: User) -> None:
        with httpx.Client(verify=TLS, headers=dict(user.headers), timeout=30) as client:
            while not self._enough.is_set():
                title, key, began = uuid.uuid4().hex, {"Idempotency-Key": str(uuid.uuid4())}, time.monotonic()
                while not self._is_done(client, user.tasks, title, key):
                    assert time.monotonic() - began < 60
                self.slowest = max(self.slowest, time.monotonic() - began)
                self.titles[user.id].append(title)

    def _is_done(self, client: httpx.Client, path: str, title: str, key: dict[str, str]) -> bool:
        url = random.choice(self.urls)  # noqa: S311 - no secret
        try:
            answer = client.post(f"{url}{path}", json={"title": title}, headers=key)
        except httpx.TransportError as error:
            self.statuses[type(error).__name__] += 1
            return False
        self.statuses[answer.status_code] += 1
        assert answer.status_code in {201, 409, 503}, answer.text
        return answer.status_code == 201

    def until_more(self, number: int) -> None:
        """Wait until so many more were written."""
        wanted = sum(map(len, self.titles.values())) + number
        deadline = time.monotonic() + 60
        while sum(map(len, self.titles.values())) < wanted:
            assert all(thread.is_alive() for thread in self.threads), self.statuses
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def finish(self) -> None:
        self._enough.set()
        for thread in self.threads:
            thread.join(timeout=60)
        for user in self.users:
            user.close()


def test_two_versions_side_by_side_while_one_replaces_the_other(
    postgresql_18: PostgreSQL, older: Path, tmp_path: Path
) -> None:
    """The older one writes while the database is migrated under it, beside the newer one, and then stops."""
    settings = {"DATABASE_URL": postgresql_18.new_database()}
    before = OlderServer(tmp_path / "older", **settings, PYTHONPATH=str(older))
    after = Server(tmp_path / "newer", **settings)
    with before:
        assert version(settings_of(before)) < [SCHEMA_VERSION]
        writers = Writers(before, 6)
        for thread in writers.threads:
            thread.start()
        try:
            writers.until_more(200)
            began = time.monotonic()
            migrated = run("migrate", cwd=tmp_path, **after.settings)
            assert migrated.returncode == 0, migrated.stderr
            takes = time.monotonic() - began
            writers.until_more(200)
            assert httpx.get(f"{before.url}/readyz", verify=TLS).status_code == 200
            with after:
                writers.urls.append(after.url)
                writers.until_more(300)
                writers.urls.remove(before.url)
                time.sleep(0.5)  # for requests that are on their way
                assert before.stop() == 0
                writers.until_more(200)
                writers.finish()
                for user in writers.users:
                    with closing(httpx.Client(base_url=after.url, verify=TLS, headers=dict(user.headers))) as client:
                        feed: list[str] = []
                        since = 0
                        while page := client.get("/api/me/changes", params={"since": since, "limit": 500}).json():
                            feed += [change["task"]["title"] for change in page["changes"]]
                            since = page["revision"]
                            if not page["has_more"]:
                                break
                        assert feed == writers.titles[user.id]
                        assert since == len(feed)
        finally:
            writers.finish()
    assert 500 not in writers.statuses
    measured(
        f"two versions side by side: {sum(map(len, writers.titles.values()))} keyed writes",
        f"{dict(writers.statuses)}, none lost or doubled, the slowest {writers.slowest:.2f} s; migrated in {takes:.1f} s",
    )
