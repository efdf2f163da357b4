"""caldav-server-tester: which features of CalDAV a server has."""

import ast
import re
from pathlib import Path
from typing import Any

from support.ledger import LEDGER, hold
from support.testers import Account, start

FEWEST = 92


def test_features(accounts: dict[str, Account], tmp_path: Path) -> None:
    running = {name: start(command(account), tmp_path) for name, account in accounts.items()}
    outputs = {name: process.communicate(timeout=300) for name, process in running.items()}
    assert not any(process.returncode for process in running.values()), outputs
    found = {name: features(output) for name, (output, _) in outputs.items()}
    names = sorted({name for of_one in found.values() for name in of_one})
    rows = [[name, *(of_one.get(name, "unknown") for of_one in found.values())] for name in names]
    full = {name: sum(word == "full" for word in of_one.values()) for name, of_one in found.items()}
    lines = [
        f"| | {' | '.join(found)} |",
        "|---|---|---|",
        f"| full, of {len(names)} | {' | '.join(str(count) for count in full.values())} |",
        *(f"| `{row[0]}` | {' | '.join(row[1:])} |" for row in rows if set(row[1:]) != {"full"}),
    ]
    hold("features", "\n".join(lines))
    assert full["Doable"] >= FEWEST
    explained = set(re.findall(r"^### `(.+)`$", LEDGER.read_text(), re.MULTILINE))
    assert explained == {name for name, word in found["Doable"].items() if word != "full"}


def command(account: Account) -> list[str]:
    options = {"url": account.url, "username": account.username, "password": account.password}
    return [
        "caldav-server-tester",
        *(f"--caldav-{name}={value}" for name, value in options.items()),
        "--format=hints",
    ]


def features(output: str) -> dict[str, str]:
    """How far each is there, in the tester's words: a dictionary of Python after what it logs."""
    found: dict[str, dict[str, Any]] = ast.literal_eval(output[output.index("\n{\n") + 1 :])
    return {name: str(of_one.get("support", of_one.get("value"))) for name, of_one in found.items()}
