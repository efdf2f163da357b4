"""`doable openapi`."""

import json
from pathlib import Path

import httpx

from doable import __version__
from support.ports import free_port
from support.server import Server, doable


def test_prints_the_document_that_is_served(tmp_path: Path) -> None:
    result = doable("openapi", cwd=tmp_path, DATA_DIR=str(tmp_path))
    assert (result.returncode, result.stderr) == (0, "")
    document = json.loads(result.stdout)
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["title"] == "Doable"
    assert document["info"]["version"] == __version__
    with Server(tmp_path) as server:
        assert httpx.get(f"{server.url}/openapi.json").json() == document


def test_needs_neither_secret_nor_database_and_makes_no_file(tmp_path: Path) -> None:
    nowhere = f"postgresql://127.0.0.1:{free_port()}/nowhere"
    for settings in ({}, {"DATABASE_URL": nowhere}):
        result = doable("openapi", cwd=tmp_path, DATA_DIR=str(tmp_path / "data"), **settings)
        assert (result.returncode, result.stderr) == (0, "")
        assert json.loads(result.stdout)["paths"]
    assert list(tmp_path.iterdir()) == []


def test_has_the_title_that_was_set(tmp_path: Path) -> None:
    result = doable("openapi", cwd=tmp_path, DATA_DIR=str(tmp_path), API_TITLE="Aufgaben für Änne")
    assert json.loads(result.stdout)["info"]["title"] == "Aufgaben für Änne"
    assert "für Änne" in result.stdout
