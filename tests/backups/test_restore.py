"""`doable backup` and `doable restore`: what there was is there again, and nobody goes on as if nothing had happened."""

import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from database.conftest import migrated
from doable.backups import restoring
from doable.backups.making import make
from doable.database.schema import SCHEMA_VERSION
from doable.doctor import examine_backup
from doable.errors import Misconfigured
from support.api_tokens import bearer, create
from support.commands import assert_refused
from support.kinds import A_BROWSER
from support.postgresql import with_programs
from support.schema import contents, execute, rows_of, settings_of, version
from support.server import Server
from support.server import doable as run
from support.sessions import assert_in, assert_out, log_in
from support.users import TLS, User, assert_error

A_DELIVERY = """INSERT INTO deliveries (owner_id, id, channel, created_at, attempts, due_at)
    VALUES ('{owner_id}', '{id}', 'push', '2126-01-01T00:00:00.000000Z', 0, '2126-01-02T00:00:00.000000Z')"""
MAIL_SERVER_THAT_IS_AWAY = {"SMTP_URL": "smtp://127.0.0.1:9", "MAIL_FROM": "tasks@example.com"}


def test_what_there_was_is_there_again_and_every_client_reads_it_again(  # noqa: PLR0915 - servers start slowly
    new_database_settings: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    server = Server(tmp_path, **new_database_settings(), **MAIL_SERVER_THAT_IS_AWAY)
    environ = {**server.settings, **with_programs()}
    with server, closing(User(server.url)) as alice:
        opened = log_in(alice)
        task = alice.new_task("in the backup")
        key = {"Idempotency-Key": str(uuid.uuid4())}
        keyed = alice.post(alice.tasks, json={"title": "made once"}, headers=key)
        token, calendar = (
            create(alice, "tasks:read", "tasks:write")["token"],
            urlsplit(alice.post("/api/me/calendar-token").json()["url"]).path,
        )
        alice.post("/api/auth/password/forgot", json={"email": alice.email})
        alice.post("/api/me/push/subscriptions", json=A_BROWSER)
        execute(settings_of(server), A_DELIVERY.format(owner_id=alice.id, id=uuid.uuid4()))
        assert run("backup", "file", cwd=tmp_path, **environ).returncode == 0
        assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600
        seen = contents(settings_of(server))
        assert (len(seen["outbox"]), len(seen["deliveries"])) == (2, 1)
        # A server that runs would not notice, and go on with what it knows.
        for arguments in (["file"], ["--in-place"]):
            assert_refused(run("restore", *arguments, cwd=tmp_path, **environ), " open", "top ")
        assert rows_of(settings_of(server), "owners") == seen["owners"]

        # What the backup does not know.
        alice.patch(f"{alice.tasks}/{task['id']}", json={"title": "lost"})
        lost = [alice.new_task("lost")["revision"] for _ in range(20)][-1]
        later = log_in(alice)
        ended = log_in(alice)
        alice.post("/api/auth/logout", headers=bearer(ended["access_token"]))
        with closing(User(server.url)) as bob:
            pass

    restored = run("restore", "file", cwd=tmp_path, **environ)
    assert restored.returncode == 0, restored.stderr
    assert "are those of the restored database: 1 user and 1 API token." in restored.stderr
    with server, httpx.Client(base_url=server.url, timeout=30, verify=TLS) as client:
        tokens = [opened, later, ended, {"access_token": bob.token, "refresh_token": bob.refresh_token}]
        assert_out(client, *tokens, {"access_token": alice.token, "refresh_token": alice.refresh_token})
        assert_error(
            client.post("/api/auth/login", json={"email": bob.email, "password": "x" * 9}), 401, "wrong_credentials"
        )
        again = log_in(alice)
        assert_in(client, again)
        for shown in (again["access_token"], token):
            client.headers.update(bearer(shown))
            assert [each["title"] for each in client.get("/api/me/tasks").json()["tasks"]] == [
                "made once",
                "in the backup",
            ]
        replayed = client.post(alice.tasks, json={"title": "made once"}, headers=key)
        assert (replayed.status_code, replayed.text) == (201, keyed.text)
        assert replayed.headers["Idempotency-Replayed"] == "true"
        restored_rows = contents(settings_of(server))
        assert (restored_rows["outbox"], restored_rows["deliveries"]) == ([], [])
        assert (len(restored_rows["push_subscriptions"]), client.get(calendar).status_code) == (1, 200)
        for since in (1, task["revision"], lost):
            assert_error(client.get("/api/me/changes", params={"since": since}), 410, "resync_required")
        # As many as were lost, and more: the revisions are none that a client has seen.
        known = [client.post("/api/me/tasks", json={"title": "New"}).json()["revision"] for _ in range(lost)]
        assert known == list(range(known[0], known[0] + lost))
        # Positions of the feed and of lists have twelve digits.
        assert lost < known[0] < known[-1] < 10**12
        assert client.get("/api/me/changes", params={"since": known[-2]}).json()["revision"] == known[-1]

    # The same once more: what was known after the first time is unknown after the second.
    restored = run("restore", "file", "--revoke-api-tokens", cwd=tmp_path, **environ)
    assert restored.returncode == 0, restored.stderr
    assert "and 0 API tokens." in restored.stderr
    with server, httpx.Client(base_url=server.url, timeout=30, verify=TLS) as client:
        assert [client.get(each, headers=bearer(token)).status_code for each in ("/api/me/tasks", calendar)] == [
            401,
            404,
        ]
        assert_out(client, again)
        assert not rows_of(settings_of(server), "push_subscriptions")
        client.headers.update(bearer(log_in(alice)["access_token"]))
        for since in (known[0] - 1, *known):
            assert_error(client.get("/api/me/changes", params={"since": since}), 410, "resync_required")


def test_after_something_else_has_restored_it(
    new_database_settings: Callable[..., dict[str, str]], tmp_path: Path
) -> None:
    """After Litestream, point-in-time recovery or a failover: `--in-place` does what a restore does besides."""
    server = Server(tmp_path, **new_database_settings())
    with server, closing(User(server.url)) as alice:
        revision = alice.new_task()["revision"]
        tokens = {"access_token": alice.token, "refresh_token": alice.refresh_token}
    done = run("restore", "--in-place", cwd=tmp_path, **server.settings)
    assert done.returncode == 0, done.stderr
    with server, httpx.Client(base_url=server.url, timeout=30, verify=TLS) as client:
        assert_out(client, tokens)
        client.headers.update(bearer(log_in(alice)["access_token"]))
        assert_error(client.get("/api/me/changes", params={"since": revision}), 410, "resync_required")
        assert [task["title"] for task in client.get("/api/me/tasks").json()["tasks"]] == ["Buy oat milk"]


def test_what_cannot_be_restored_is_refused_and_changes_nothing(
    new_database_settings: Callable[..., dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", with_programs()["PATH"])
    environ = {"DATA_DIR": str(tmp_path / "data"), **new_database_settings()}
    settings = migrated(data_dir=Path(environ["DATA_DIR"]), database_url=environ.get("DATABASE_URL"))
    backup = tmp_path / "file"
    make(settings, backup)
    content = backup.read_bytes()
    before = contents(settings)
    end = 20_000 if settings.postgresql_url is None else 50
    for name, spoilt in {
        "text": b"This is a diary and not a backup. " * 1000,
        "empty": b"",
        "half": content[: len(content) // 2],
        "spoilt": content[:-end] + bytes(end),
    }.items():
        (tmp_path / name).write_bytes(spoilt)
        with pytest.raises(Misconfigured, match=f"^The file {tmp_path / name} is "):
            restoring.restore(settings, tmp_path / name, revoke_api_tokens=False)
    is_set = settings.postgresql_url is not None
    (tmp_path / "other").write_bytes(b"SQLite format 3\0" if is_set else b"PGDMP")
    with pytest.raises(Misconfigured, match=f"and DATABASE_URL is {'' if is_set else 'not '}set"):
        restoring.restore(settings, tmp_path / "other", revoke_api_tokens=False)
    examined = run("doctor", "--backup", "half", cwd=tmp_path, **environ)
    assert (examined.returncode, examined.stderr) == (1, "doable: 1 problem found, marked WRONG above.\n")
    assert examined.stdout.startswith("WRONG  The file half is ")
    assert contents(settings) == before
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    fine, mode = examine_backup(backup)
    assert (fine.fine, mode.fine) == (True, True)
    assert f"is whole: version {SCHEMA_VERSION}, 0 users, made at 20" in fine.text


def test_versions_that_do_not_fit_are_refused(
    new_database_settings: Callable[..., dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", with_programs()["PATH"])
    settings = migrated(data_dir=tmp_path / "data", database_url=new_database_settings().get("DATABASE_URL"))
    make(settings, tmp_path / "file")
    execute(settings, "UPDATE alembic_version SET version_num = '9999', compatible_down_to = '9999'")
    before = contents(settings)
    if settings.postgresql_url is None:
        make(settings, tmp_path / "newer")
        with pytest.raises(Misconfigured, match="newer is of version 9999, and this Doable only knows"):
            restoring.restore(settings, tmp_path / "newer", revoke_api_tokens=False)
    else:
        # Only a newer version knows all of its tables.
        with pytest.raises(Misconfigured, match=r"9999.*use the newer one"):
            make(settings, tmp_path / "newer")
        with pytest.raises(Misconfigured, match=r"9999.*restore into an empty database"):
            restoring.restore(settings, tmp_path / "file", revoke_api_tokens=False)
    execute(settings, "UPDATE alembic_version SET version_num = '0000', compatible_down_to = '0000'")
    with pytest.raises(Misconfigured, match="doable migrate"):
        restoring.restore(settings, None, revoke_api_tokens=False)
    execute(settings, "UPDATE alembic_version SET version_num = '9999', compatible_down_to = '9999'")
    assert contents(settings) == before


def test_a_backup_is_restored_where_nothing_is(
    server: Server,
    alice: User,
    new_database_settings: Callable[..., dict[str, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", with_programs()["PATH"])
    task = alice.new_task()
    make(settings_of(server), tmp_path / "file")
    elsewhere = settings_of({"DATA_DIR": str(tmp_path / "data"), **new_database_settings()})
    said = restoring.restore(elsewhere, tmp_path / "file", revoke_api_tokens=False)
    assert task["id"] in {str(row["id"]) for row in rows_of(elsewhere, "tasks")}
    assert "is kept as" not in "".join(said)


def test_a_damaged_database_is_put_aside(data: Path, tmp_path: Path) -> None:
    make(settings_of({"DATA_DIR": str(data)}), tmp_path / "file")
    settings = settings_of({"DATA_DIR": str(tmp_path / "damaged")})
    settings.data_dir.mkdir()
    settings.database_path.write_bytes(b"This was a database. " * 1000)
    said = restoring.restore(settings, tmp_path / "file", revoke_api_tokens=False)
    (aside,) = (settings.data_dir / "backups").iterdir()
    assert aside.read_bytes() == b"This was a database. " * 1000
    assert f"The database that was there is kept as {aside}." in said
    assert not (settings.data_dir / "restoring").exists()
    assert settings.database_path.stat().st_mode & 0o777 == 0o600
    assert version(settings) == [SCHEMA_VERSION]


def test_a_restore_is_of_a_file_or_in_place(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused = run("restore", "file", "--in-place", cwd=tmp_path, DATA_DIR=str(tmp_path / "data"))
    assert refused.returncode == 2
    assert "Name a backup, or say --in-place, and not both." in refused.stderr
