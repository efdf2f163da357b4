"""The documentation is complete, and what it shows is what happens."""

import json
import re
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer

from doable import errors
from doable.cli import app
from doable.http.errors import HTTP_ERRORS
from doable.http.problems import TEXTS
from doable.kinds import FOLLOWED
from doable.settings import Settings
from doable.settings.postgresql import PARAMETERS
from support.document import operations, response
from support.server import Server, environment
from support.users import User

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
API = "\n".join(page.read_text() for page in sorted((ROOT / "docs/api").iterdir()))
SETTINGS = (ROOT / "docs/settings.md").read_text()
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
OPERATIONS = (ROOT / "docs/operations.md").read_text()


@pytest.fixture(scope="session")
def document(one_server: Server) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{one_server.url}/openapi.json").json()
    return found


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented_as_it_is(name: str) -> None:
    field = Settings.model_fields[name]
    row = next(line for line in SETTINGS.splitlines() if line.startswith(f"| `{name.upper()}` |"))
    assert str(field.description) in row
    if isinstance(field.default, int | str):
        assert f"| `{str(field.default).lower() if isinstance(field.default, bool) else field.default}` |" in row


def test_every_setting_that_is_documented_exists() -> None:
    documented = re.findall(r"^\| `([A-Z_]+)` \|", SETTINGS, re.MULTILINE)
    assert [name.lower() for name in documented] == list(Settings.model_fields)
    of_readme = re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE)
    assert set(of_readme) < set(documented)


def test_every_parameter_of_a_postgresql_url_is_documented() -> None:
    rows = OPERATIONS.partition("### Parameters of the URL")[2].partition("\n## ")[0]
    first_cells = "".join(line.split("|")[1] for line in rows.splitlines() if line.startswith("| `"))
    assert sorted([*re.findall(r"`(\w+)`", first_cells), "ssl"]) == sorted(PARAMETERS)


def test_every_route_is_documented(document: dict[str, Any]) -> None:
    assert document["paths"]
    for path, methods in document["paths"].items():
        for method in methods:
            assert re.search(rf"`{method.upper()} {re.escape(path)}[`?]", API), f"{method} {path}"


def test_every_error_code_is_documented() -> None:
    def below(kind: type[errors.DoableError]) -> Iterator[type[errors.DoableError]]:
        yield kind
        for child in kind.__subclasses__():
            yield from below(child)

    kinds = [kind for child in errors.DoableError.__subclasses__() for kind in below(child)]
    never_sent = {"misconfigured", "not_found", "conflict"}  # one stops the start, two are bases of what is sent
    codes = {kind.code for kind in kinds} - never_sent
    codes |= {code for code, _ in HTTP_ERRORS.values()} | {"cors_refused"}
    documented = set(re.findall(r"^\| \d{3} \| `(\w+)` \|", API, re.MULTILINE))
    assert documented == codes


def test_every_type_of_a_problem_is_documented() -> None:
    source = "\n".join(file.read_text() for file in (ROOT / "src/doable").rglob("*.py"))
    types = set(
        re.findall(
            r'(?:PydanticCustomError\(|problems\.add\(|\bproblem = |custom_error_type=|kind, message = )"(\w+)"', source
        )
    )
    assert {"place_missing", "not_found", "unknown_parameter", "operation_unknown", "date_unknown"} < types
    rows = (ROOT / "docs/api/errors.md").read_text().partition("| type |")[2].partition("\n\n")[0]
    documented = {
        name
        for row in rows.splitlines()
        for name in re.findall(r"`(\w+)`", row.split("|")[1:2][0] if "|" in row else "")
    }
    assert types | TEXTS.keys() <= documented


def test_every_command_and_option_is_documented() -> None:
    commands = typer.main.get_command(app)
    assert isinstance(commands, typer.core.TyperGroup)

    def leaves(group: typer.core.TyperGroup, prefix: str) -> Iterator[tuple[str, list[str]]]:
        for name, command in group.commands.items():
            if isinstance(command, typer.core.TyperGroup):
                yield from leaves(command, f"{prefix} {name}")
            else:
                yield f"{prefix} {name}", [option for parameter in command.params for option in parameter.opts]

    found = list(leaves(commands, "doable"))
    assert len(found) == 19
    for command, options in found:
        row = next(line for line in OPERATIONS.splitlines() if line.startswith(f"| `{command}"))
        for option in options:
            assert not option.startswith("--") or option in row, f"{command} {option}"


def test_every_operation_is_described_with_each_of_its_errors(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert operation["description"], where
        expected = {"500", "503"}
        expected |= {"401", "403"} if operation["security"] else set()
        expected |= {"413", "415", "422"} if "requestBody" in operation else set()
        expected |= {"403"} if "{user_id}" in path else set()
        expected |= {"404", "422"} if "{task_id}" in path else set()
        expected |= {"422"} if path.startswith("/api/") else set()
        assert expected <= set(operation["responses"]), where


CHANGED = {"ChangedRead", *(kind.read.__name__.replace("Read", "ChangedRead") for kind in FOLLOWED)}
"""The errors that say what is there now."""


def test_every_error_has_an_example_in_the_one_shape(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        for status in [status for status in operation["responses"] if int(status) >= 400]:
            where = f"{method} {path} {status}"
            content = response(document, operation, status)["content"]["application/json"]
            name = content["schema"]["$ref"].removeprefix("#/components/schemas/")
            assert name in (CHANGED if status == "412" else {"ErrorRead"}), where
            assert content["examples"], where
            for code, example in content["examples"].items():
                assert (example["value"]["status_code"], example["value"]["code"]) == (int(status), code), where


def test_every_schema_is_described_and_has_examples(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert schema["description"], name
        # Errors have theirs at each response, of health there is one value alone, and the rest is made of what has.
        without = {"SessionsRead", "ApiTokensRead", "PushSubscriptionsRead", "ExportRead", "BatchRead"}
        without |= {
            "ErrorRead",
            "HealthRead",
            "ListsRead",
            "SectionsRead",
            "TagsRead",
            "FiltersRead",
            "UndosRead",
            "ImportsRead",
            *CHANGED,
        }
        assert "example" in str(schema) or name in without, name


def test_no_member_of_a_body_has_a_default(document: dict[str, Any]) -> None:
    """Generated clients in TypeScript would have to send what has one."""
    schemas = document["components"]["schemas"]
    found = [
        f"{name}.{member}"
        for name, schema in schemas.items()
        for member, described in schema.get("properties", {}).items()
        if "default" in described and not name.endswith("Read")
    ]
    assert found == []


def commands_of(page: Path) -> list[tuple[str, str]]:
    """Each command of a page's console blocks, with the output that is shown for it."""
    found: list[tuple[str, str]] = []
    for block in re.findall(r"```console\n(.*?)```", page.read_text(), re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line.removeprefix("$ "), ""))
            else:
                command, output = found[-1]
                found[-1] = (command, output + line)
    return found


def with_new_ids(text: str) -> str:
    """The same, but no other user can have a thing with one of these ids."""
    new = {each[0]: str(uuid.uuid4()) for each in ID.finditer(text)}
    return ID.sub(lambda each: new[each[0]], text)


def normalised(output: str) -> str:
    """Without what differs each time: ids, instants and tokens."""
    output = re.sub(r'("(?:access_|refresh_)?token":)"[^"]+"', r'\1"TOKEN"', output)
    output = ID.sub("ID", output)
    return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", "INSTANT", output)


@pytest.mark.parametrize(
    "page",
    [ROOT / "README.md", ROOT / "docs/caldav.md", *sorted((ROOT / "docs/api").iterdir())],
    ids=lambda page: page.stem,
)
def test_the_calls_of_a_page_answer_what_it_shows(page: Path, one_user: User, tmp_path: Path) -> None:
    """In a shell that has the TOKEN of a new user. In what is shown, `…` is anything."""
    commands = commands_of(page)
    assert commands
    script = with_new_ids("\necho; echo @@\n".join(command for command, _ in commands))
    if page.name != "README.md":  # which signs her up
        script = script.replace("alice@example.com", one_user.email)
    result = subprocess.run(
        ["bash", "-c", script.replace("http://127.0.0.1:8000", str(one_user.base_url))],
        env=environment(TOKEN=one_user.token),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    outputs = [output.strip().replace("\r", "") for output in result.stdout.split("@@")]
    for (command, shown), output in zip(commands, outputs, strict=True):
        pattern = ".*".join(re.escape(part) for part in normalised(shown).split("…"))
        assert re.fullmatch(pattern, normalised(output.replace("\n", ""))), f"{command}\n{output}"


def test_the_batch_of_its_page_is_done(one_user: User) -> None:
    (block,) = re.findall(r"```json\n(.*?)```", (ROOT / "docs/api/batch.md").read_text(), re.DOTALL)
    body = json.loads(with_new_ids(block))
    for operation in body["operations"]:
        operation.pop("if_revision", None)
    answer = one_user.post("/api/me/tasks/batch", json=body)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["results"]) == len(body["operations"])


@pytest.mark.parametrize(("schema", "begins"), [("ExportRead", '{"user"'), ("UsageRead", '{"tasks"')])
def test_everything_that_your_user_has_is_named(document: dict[str, Any], schema: str, begins: str) -> None:
    page = (ROOT / "docs/api/your-user.md").read_text()
    block = next(each for each in re.findall(r"```json\n(.*?)```", page, re.DOTALL) if each.startswith(begins))
    for member in document["components"]["schemas"][schema]["properties"]:
        assert f'"{member}":' in block, member


def anchors_of(page: Path) -> set[str]:
    """What GitHub calls each of its headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_readmes_links_and_targets_exist() -> None:
    pages = [ROOT / "README.md", ROOT / "examples/README.md", *(ROOT / "docs").rglob("*.md")]
    for page in pages:
        for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", page.read_text()):
            linked = page.parent / target if target else page
            assert linked.exists(), f"{page.name}: {target}"
            assert not anchor or anchor in anchors_of(linked), f"{page.name}: {target}#{anchor}"
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"`?make ([a-z]+)`?$", README, re.MULTILINE)
    assert set(targets) >= {"serve", "test"}
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_ci_runs_the_readmes_test_command() -> None:
    assert "make test" in README
    assert (ROOT / ".ci/run").read_text().splitlines()[-1] == "make test"


@pytest.mark.parametrize(
    ("picture", "script"),
    [("docs-page", "docs_page"), ("client-light", "pictures"), ("client-dark", "pictures")],
)
def test_a_picture_is_the_scripts(picture: str, script: str) -> None:
    assert f"tEXtSoftware\0scripts/{script}.py".encode() in (ROOT / f"docs/{picture}.png").read_bytes()[:200]
