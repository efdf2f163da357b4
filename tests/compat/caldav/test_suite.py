"""The tests in the sdist of python-caldav that talk to a server."""

import json
import tarfile
from pathlib import Path
from subprocess import Popen
from xml.etree import ElementTree as ET

from support.ledger import hold
from support.testers import FOLDER, PYTHON, Account, start

FEATURES = {
    # Neither server has it: their DAV headers do not name it.
    "scheduling": {"support": "unsupported"},
    # Beyond the RFCs, so that the suite expects it of nobody.
    "search.time-range.comp-type-optional": {"support": "full"},
    "search.text.comp-type-optional": {"support": "full"},
}
OPTIONS = (
    *("-q", "-p", "no:cacheprovider", "-o", "asyncio_default_fixture_loop_scope=function"),
    # The suite calls what it has deprecated, and makes an error of each warning.
    *("-W", "default:principals() is deprecated:DeprecationWarning"),
)


def test_suite(accounts: dict[str, Account], tmp_path: Path) -> None:
    running = {name: suite(name, account, tmp_path / name) for name, account in accounts.items()}
    outputs = {name: process.communicate(timeout=600)[0] for name, process in running.items()}
    found = {name: outcomes(tmp_path / name / "report.xml", outputs[name]) for name in running}
    tests = sorted({test for of_one in found.values() for test in of_one})
    count = {name: list(of_one.values()).count("passed") for name, of_one in found.items()}
    lines = [
        f"| | {' | '.join(found)} |",
        "|---|---|---|",
        f"| passed, of {len(tests)} | {' | '.join(str(passed) for passed in count.values())} |",
    ]
    for test in tests:
        words = [of_one.get(test, "is not there") for of_one in found.values()]
        if set(words) != {"passed"}:
            lines.append(f"| `{test}` | {' | '.join(words)} |")
    hold("suite", "\n".join(lines))
    assert count["Doable"] > count["Radicale"]


def suite(name: str, account: Account, folder: Path) -> Popen[str]:
    """It is unpacked for each, since it finds its server in a file beside its tests."""
    (sdist,) = FOLDER.glob("sdist/caldav-*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (source,) = folder.glob("caldav-*")
    server = {
        "type": "external",
        "url": account.url,
        "username": account.username,
        "password": account.password,
        "features": FEATURES,
    }
    servers = {f"{name}Here": server, "Radicale": {"enabled": False}, "Xandikos": {"enabled": False}}
    (source / "tests" / "caldav_test_servers.json").write_text(json.dumps({"test-servers": servers}))
    files = ("tests/test_caldav.py", "tests/test_async_integration.py")
    only = ("-k", f"{name}Here", f"--junitxml={folder / 'report.xml'}")
    return start([PYTHON, "-m", "pytest", *OPTIONS, *only, *files], source)


def outcomes(report: Path, output: str) -> dict[str, str]:
    assert report.exists(), output
    found = {}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - of a run of our own
        file = case.attrib["classname"].split(".")[1]
        words = [child.tag for child in case if child.tag in {"failure", "error", "skipped"}]
        found[f"{file}::{case.attrib['name']}"] = words[0] if words else "passed"
    return found
