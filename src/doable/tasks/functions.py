"""Functions of SQL which each database writes in its own way."""

from typing import Any

from sqlalchemy import Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from doable.database.types import Instant, OrderedText


class place_of(FunctionElement[str]):  # noqa: N801 - it is written like a function of SQL
    """A task's position: as it was moved to, else that of the revision at which it was made (`positions.last`).

    It is computed so that no row had to be written when tasks got an order; both databases have an index on it.
    """

    type = OrderedText()
    inherit_cache = True


@compiles(place_of)
def _place(element: "place_of", compiler: SQLCompiler, **options: Any) -> str:
    position, sequence = (compiler.process(each, **options) for each in element.clauses)
    return f"coalesce({position}, substr('000000000000' || {sequence}::text, length({sequence}::text) + 1))"


@compiles(place_of, "sqlite")
def _place_on_sqlite(element: "place_of", compiler: SQLCompiler, **options: Any) -> str:
    position, sequence = (compiler.process(each, **options) for each in element.clauses)
    return f"coalesce({position}, substr('000000000000' || {sequence}, length('' || {sequence}) + 1))"


class array_of(FunctionElement[str]):  # noqa: N801 - it is written like a function of SQL
    """A JSON array of these values, as text; instants in the form that goes over the wire."""

    type = Text()
    inherit_cache = True


@compiles(array_of)
def _array(element: "array_of", compiler: SQLCompiler, **options: Any) -> str:
    values = [
        f"""to_char({value} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
        if isinstance(each.type, Instant)
        else value
        for each in element.clauses
        for value in [compiler.process(each, **options)]
    ]
    return f"json_build_array({', '.join(values)})::text"


@compiles(array_of, "sqlite")
def _array_on_sqlite(element: "array_of", compiler: SQLCompiler, **options: Any) -> str:
    return f"json_array({compiler.process(element.clauses, **options)})"


class greatest_of(FunctionElement[Any]):  # noqa: N801 - it is written like a function of SQL
    """The last of two or more times."""

    inherit_cache = True


@compiles(greatest_of)
def _greatest(element: "greatest_of", compiler: SQLCompiler, **options: Any) -> str:
    return f"greatest({compiler.process(element.clauses, **options)})"


@compiles(greatest_of, "sqlite")
def _max(element: "greatest_of", compiler: SQLCompiler, **options: Any) -> str:
    return f"max({compiler.process(element.clauses, **options)})"


class least_of(FunctionElement[Any]):  # noqa: N801 - it is written like a function of SQL
    """The first of two or more times."""

    inherit_cache = True


@compiles(least_of)
def _least(element: "least_of", compiler: SQLCompiler, **options: Any) -> str:
    return f"least({compiler.process(element.clauses, **options)})"


@compiles(least_of, "sqlite")
def _min(element: "least_of", compiler: SQLCompiler, **options: Any) -> str:
    return f"min({compiler.process(element.clauses, **options)})"
