"""The forms of questions: a tree in one order, without its constants, however it was written."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from doable.tasks.conditions import (
    Among,
    Between,
    Condition,
    Either,
    Every,
    In,
    Named,
    Not,
    Of,
    Searched,
    Worded,
    Words,
)
from doable.tasks.moments import Moment
from doable.tasks.words import MOST_TERMS, terms_of

SEVERAL: Final = (1, 3, MOST_TERMS, 2 * MOST_TERMS, 3 * MOST_TERMS)
"""How many terms a statement may have parameters for: the most are those of `q`, a filter and a saved one.

Those that are too many repeat the last one."""

Leaf = Among | Between | Searched


class Selection(NamedTuple):
    """A tree in the form that its statement is made of, and what it is asked with."""

    shape: Condition
    """In one order, and with the names of parameters in place of constants."""
    leaves: Mapping[str, Leaf]
    """What the constants are in, by those names."""


def selection_of(condition: Condition) -> Selection:
    """The tree without its constants. Raises NothingToSearch and TooManyTerms."""
    leaves: dict[str, Leaf] = {}
    return Selection(_numbered(_canonical(condition), leaves), leaves)


def conjuncts(condition: Condition) -> tuple[Condition, ...]:
    """What must all be true."""
    return condition.conditions if isinstance(condition, Every) else (condition,)


def _canonical(condition: Condition) -> Condition:
    """The same in one form, however it was written."""
    match condition:
        case Every(parts) | Either(parts):
            return _joined(type(condition), parts)
        case Not(inner):
            return _opposite(_canonical(inner))
        case In() | Of() | Named():
            return _among(condition)
        case Words(text):
            return Worded(_searched(terms_of(text)))
    return condition


def _opposite(condition: Condition) -> Condition:
    match condition:
        case Not(inner):
            return inner
        case Worded(inner):
            # They are looked at either way.
            return Worded(inner.condition if isinstance(inner, Not) else Not(inner))
    return Not(condition)


def _searched(terms: Iterable[str]) -> Searched:
    # The longest is the rarest: a database looks for the next one only where it has found this one.
    ordered = tuple(sorted(set(terms), key=lambda term: (-len(term), term)))
    return Searched(ordered, min(each for each in SEVERAL if each >= len(ordered)))


def _among(condition: In | Of | Named) -> Among:
    match condition:
        case In(ids):
            return Among("list", (condition,), is_single=len(ids) == 1)
        case Of(what):
            return Among(what, (condition,), is_single=True)
    # There may be several lists of one name.
    return Among(condition.what, (condition,), is_single=condition.what == "tag" and not condition.is_beginning)


def _joined(kind: type[Every | Either], parts: tuple[Condition, ...]) -> Condition:
    found: dict[Condition, None] = {}
    among: dict[str, list[Among]] = {}
    terms: list[str] = []
    worded: list[Condition] = []
    for part in map(_canonical, parts):
        for each in part.conditions if isinstance(part, kind) else (part,):
            if kind is Either and isinstance(each, Among):
                among.setdefault(each.what, []).append(each)
            elif kind is Every and isinstance(each, Searched):
                terms += each.terms
            elif isinstance(each, Worded):
                worded.append(each.condition)
            else:
                found[each] = None
    for some in among.values():
        found[_one_of(some)] = None
    if terms:
        found[_searched(terms)] = None
    if worded:
        found[Worded(_joined(kind, tuple(worded)))] = None
    if len(found) == 1:
        return next(iter(found))
    # By shape first, so that the order in which somebody wrote them makes no other statement.
    return kind(tuple(sorted(found, key=lambda each: (repr(_numbered(each)), repr(each)))))


def _one_of(some: list[Among]) -> Among:
    of = tuple(sorted({each for among in some for each in among.of}, key=repr))
    return Among(some[0].what, of, is_single=some[0].is_single and len(of) == 1)


def _numbered(condition: Condition, leaves: dict[str, Leaf] | None = None) -> Condition:
    """The shape; with `leaves`, in which they are put, each of its parameters has a name of its own."""
    match condition:
        case Every(parts) | Either(parts):
            return type(condition)(tuple(_numbered(each, leaves) for each in parts))
        case Not(inner) | Worded(inner):
            return type(condition)(_numbered(inner, leaves))
        case Among() | Between() | Searched():
            name = f"p{len(leaves or ())}"
            if leaves is not None:
                leaves[name] = condition
            if isinstance(condition, Among):
                return Among(condition.what, (), condition.is_single, name)
            if isinstance(condition, Searched):
                return Searched((), condition.several, name)
            return Between(condition.what, condition.since and Moment(name), condition.before and Moment(name))
    return condition
