"""The OpenAPI document, read."""

from collections.abc import Iterator
from typing import Any


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The method, the path and what is said of them."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def response(document: dict[str, Any], operation: dict[str, Any], status: str) -> dict[str, Any]:
    """What is said of an answer, also where it is said once for many operations."""
    found: dict[str, Any] = operation["responses"][status]
    if "$ref" in found:
        found = document["components"]["responses"][found["$ref"].removeprefix("#/components/responses/")]
    return found
