"""`doable export`."""

import json
from pathlib import Path

from support.commands import assert_refused
from support.server import doable


def test_writes_what_a_user_has(tmp_path: Path) -> None:
    environ = {"DATA_DIR": str(tmp_path / "data")}
    assert doable("migrate", cwd=tmp_path, **environ).returncode == 0
    assert doable("demo", "ann@example.com", cwd=tmp_path, **environ).returncode == 0

    everything = doable("export", "--user", "ann@example.com", cwd=tmp_path, **environ)
    lines = doable("export", "--user", "ann@example.com", "--format", "todotxt", cwd=tmp_path, **environ)

    assert (everything.returncode, everything.stderr) == (0, "")
    document = json.loads(everything.stdout)
    assert document["user"]["email"] == "ann@example.com"
    assert (lines.returncode, lines.stderr) == (0, "")
    assert len(lines.stdout.splitlines()) == len(document["tasks"]) > 10
    by_id = doable("export", "--user", document["user"]["id"], "--format", "todotxt", cwd=tmp_path, **environ)
    assert by_id.stdout == lines.stdout
    unknown = doable("export", "--user", "eve@example.com", cwd=tmp_path, **environ)
    assert_refused(unknown, "There is no user with the e-mail eve@example.com.")
