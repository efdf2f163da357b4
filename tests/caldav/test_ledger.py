"""`compat/caldav.md` names, clause by clause, the test that shows it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from support.ledger import clauses

ROOT = Path(__file__).parents[2]
VERDICTS = {"yes", "part", "no", "elsewhere"}


@cache
def names_in(file: str) -> frozenset[str]:
    return frozenset(defined(ast.parse((ROOT / file).read_text())))


def defined(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node.name


def test_each_clause_has_a_verdict_and_what_shows_it() -> None:
    found = clauses()
    assert len({clause.rfc for clause in found}) == 9
    for clause in found:
        assert clause.word in {"MUST", "SHOULD", "MAY"}, clause
        verdict, _, why = clause.verdict.partition(":")
        assert verdict in VERDICTS, clause
        # What is so is shown by a test; what is not so has a reason.
        assert clause.tests if verdict in {"yes", "part"} else why.strip(), clause
        assert verdict != "part" or why.strip(), clause


def test_each_test_that_is_named_is_there() -> None:
    missing = {
        f"{file}::{name}"
        for clause in clauses()
        for file, name in clause.tests
        if not (ROOT / file).exists() or name not in names_in(file)
    }
    assert not missing
