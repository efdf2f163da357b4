"""Who may import whom, and what every table and statement must name."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import doable
from doable.database import Statement
from doable.database.naming import metadata
from doable.export.repository import SECTIONS
from doable.tasks.repository import update_of

SOURCE = Path(doable.__file__).parent
SCRIPTS = Path(sys.executable).parent


def test_imports_go_from_top_to_bottom_only() -> None:
    result = subprocess.run([SCRIPTS / "lint-imports"], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_only_settings_reads_the_environment(path: Path) -> None:
    names = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    # The server hands what it was told on to its worker processes, which read it by their settings.
    allowed = {"environ"} if path.name == "server.py" else set()
    assert not names & {"environ", "getenv"} - allowed


def test_no_module_has_a_name_that_says_nothing() -> None:
    names = {path.stem for path in SOURCE.rglob("*.py")}
    assert not names & {"utils", "helpers", "service", "manager", "constants", "common", "misc", "crud"}


def test_a_password_is_checked_in_one_place_alone() -> None:
    """There every check counts (`throttling/throttle.py`)."""
    found = [
        path.name
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "verify" and "password" in ast.unparse(node.value)
    ]
    assert found == ["log_in.py", "log_in.py"]


def statements() -> dict[str, Statement]:
    found = {}
    for module in pkgutil.walk_packages(doable.__path__, "doable."):
        if module.name.endswith(("repository", "idempotency", "purge", "owners", "identities", "throttle")):
            for name, value in vars(importlib.import_module(module.name)).items():
                for key, statement in value.items() if isinstance(value, dict) else [("", value)]:
                    if isinstance(statement, Statement):
                        found[f"{module.name}.{name}{key}"] = statement
    found |= {f"doable.export.repository.{section.table.name}": section.page for section in SECTIONS}
    found["doable.tasks.repository.update_of"] = update_of(frozenset({"title", "description"}), state=True)
    return found


@pytest.mark.parametrize(
    "name", sorted(name for name in statements() if name.startswith(("doable.tasks", "doable.sync")))
)
def test_every_statement_on_tasks_names_the_owner(name: str) -> None:
    for sql in (statements()[name].sqlite.sql, statements()[name].postgresql.sql):
        assert re.search(r"owner_id (=|!=) [?$]|^INSERT INTO \w+ \(owner_id", sql)


def test_every_statement_compiles_on_both_databases() -> None:
    assert len(statements()) > 15
    for statement in statements().values():
        verb = statement.sqlite.sql.split()[0]
        assert verb in {"SELECT", "INSERT", "UPDATE", "DELETE"}
        assert statement.postgresql.sql.split()[0] == verb


def test_every_table_is_named_in_a_migration() -> None:
    versions = "".join(path.read_text() for path in (SOURCE / "database/migrations/versions").glob("*.py"))
    for table in metadata.tables:
        assert f'"{table}"' in versions
