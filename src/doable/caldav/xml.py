"""XML as it comes and goes. Nothing of a stranger's document is believed: no DTD, no entities, no depth, no network.

It is read by lxml and written as text, which takes a tenth of the time.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from doable.caldav.refusals import Refusal

Element = Any
"""One of lxml's, which has no types of its own."""

DAV: Final = "DAV:"
CALDAV: Final = "urn:ietf:params:xml:ns:caldav"
SERVER: Final = "http://calendarserver.org/ns/"
APPLE: Final = "http://apple.com/ns/ical/"
OWN: Final = "urn:doable"
XML: Final = "http://www.w3.org/XML/1998/namespace"
PREFIXES: Final = {DAV: "D", CALDAV: "C", SERVER: "S", APPLE: "A", OWN: "X"}
"""Declared at the root of every answer."""

MAX_DEPTH: Final = 64
MAX_ELEMENTS: Final = 50_000
"""A report on 5,000 objects has a tenth of them."""
MAX_ATTRIBUTES: Final = 50_000
MAX_KEPT_NAME: Final = 200

DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>\n'
_NAMESPACES: Final = "".join(f' xmlns:{prefix}="{name}"' for name, prefix in PREFIXES.items())

_ENCODING: Final = re.compile(r"""<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["'][^>]*\?>""")
_BEFORE_THE_ROOT: Final = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_NOT_IN_XML: Final = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def name(namespace: str, local: str) -> str:
    """The name as lxml has it (Clark's notation)."""
    return f"{{{namespace}}}{local}"


def dav(local: str) -> str:
    """A name of WebDAV."""
    return f"{{DAV:}}{local}"


def caldav(local: str) -> str:
    """A name of CalDAV."""
    return f"{{{CALDAV}}}{local}"


def read(body: bytes) -> Element:
    """The root of the document. Raises Refusal for what is no XML, or more than anybody needs."""
    from lxml import etree

    text = _decoded(body)
    start = _BEFORE_THE_ROOT.match(text)
    if start is not None and text.startswith("<!", start.end()):
        raise Refusal(400, message="A document type (DOCTYPE) is not accepted.")
    if text.count("<") - text.count("</") > MAX_ELEMENTS or text.count('"') + text.count("'") > 2 * MAX_ATTRIBUTES:
        raise Refusal(400, message=f"The XML has more than {MAX_ELEMENTS} elements or attributes.")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Refusal(400, message="The body must be well-formed XML.") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refusal(400, message="A document type (DOCTYPE) is not accepted.")
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise Refusal(400, message=f"The XML is more than {MAX_DEPTH} elements deep.")
        level = [child for each in level for child in each]
    return root


def _decoded(body: bytes) -> str:
    """The text in the encoding that it says, of the two which everybody has to understand."""
    by_mark = "utf-16" if body[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = body.decode(by_mark)
    except UnicodeDecodeError:
        raise Refusal(400, message="The XML must be UTF-8.") from None
    said = _ENCODING.match(text)
    if said is not None:
        allowed = {"utf-16"} if by_mark == "utf-16" else {"utf-8", "utf8", "us-ascii", "ascii"}
        if said[1].lower() not in allowed:
            raise Refusal(400, message="The XML must be UTF-8.")
        # What was decoded already must not be decoded again.
        text = text[said.end() :]
    return text


def text_of(element: Element) -> str:
    """Its own text, without white space around it."""
    return (element.text or "").strip()


def as_text(value: str) -> str:
    """Text as it is between tags. What no XML can have becomes U+FFFD."""
    return escape(_NOT_IN_XML.sub("\ufffd", value), {"\r": "&#13;"})


def _tags(clark: str) -> tuple[str, str]:
    """What is between the brackets of the start and of the end."""
    # A client's name may be long, and is not kept.
    return _kept_tags(clark) if len(clark) <= MAX_KEPT_NAME else _kept_tags.__wrapped__(clark)


@lru_cache(1024)
def _kept_tags(clark: str) -> tuple[str, str]:
    if not clark.startswith("{"):
        return clark, clark
    namespace, _, local = clark[1:].rpartition("}")
    if namespace == XML:
        return f"xml:{local}", f"xml:{local}"
    prefix = PREFIXES.get(namespace)
    if prefix is not None:
        return f"{prefix}:{local}", f"{prefix}:{local}"
    return f"N:{local} xmlns:N={quoteattr(namespace)}", f"N:{local}"


def element(clark: str, inner: str = "") -> str:
    """An element with this XML in it, inside one of the answers below."""
    start, end = _tags(clark)
    return f"<{start}>{inner}</{end}>" if inner else f"<{start}/>"


def href(path: str) -> str:
    """`DAV:href`. The path is encoded already."""
    return f"<D:href>{escape(path)}</D:href>"


def status_line(status: int) -> str:
    """`DAV:status`."""
    return f"<D:status>HTTP/1.1 {status} {HTTPStatus(status).phrase}</D:status>"


def propstat(properties: str, status: int, error: str = "", message: str = "") -> str:
    """A part of a response: properties that share a status. `error` is the condition that does not hold, as an element."""
    said = f"<D:responsedescription>{as_text(message)}</D:responsedescription>" if message else ""
    wrong = f"<D:error>{error}</D:error>" if error else ""
    return f"<D:propstat><D:prop>{properties}</D:prop>{status_line(status)}{wrong}{said}</D:propstat>"


def response(path: str, found: str, missing: Iterable[str] = ()) -> str:
    """`DAV:response` of a resource: the properties that it has, as XML, and the names of those that it has not."""
    absent = "".join([element(each) for each in missing])
    parts = propstat(found, 200) if found or not absent else ""
    return f"<D:response>{href(path)}{parts}{propstat(absent, 404) if absent else ''}</D:response>"


def response_of_status(path: str, status: int, condition: str | None = None) -> str:
    """`DAV:response` of a resource as a whole."""
    wrong = f"<D:error><{condition}/></D:error>" if condition else ""
    return f"<D:response>{href(path)}{status_line(status)}{wrong}</D:response>"


def multistatus(responses: Sequence[str], after: str = "") -> bytes:
    """The document of 207. `after` is XML behind the responses, such as `DAV:sync-token`."""
    return document("D:multistatus", "".join(responses) + after)


def document(root: str, inner: str) -> bytes:
    """An answer whose root has this prefixed name."""
    return f"{DECLARATION}<{root}{_NAMESPACES}>{inner}</{root}>".encode()


def error(condition: str | None, message: str, code: str | None = None, inner: str = "") -> bytes:
    """The document of a refusal: the condition for programs, a sentence for people, and the API's word for it."""
    parts = [
        "" if condition is None else f"<{condition}>{inner}</{condition}>" if inner else f"<{condition}/>",
        "" if code is None else f"<X:code>{as_text(code)}</X:code>",
        f"<X:message>{as_text(message)}</X:message>" if message else "",
    ]
    return document("D:error", "".join(parts))
