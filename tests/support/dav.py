"""A calendar program of the tests: WebDAV by Basic, made from the RFCs, with XML that is read by the standard library."""

from xml.etree import ElementTree as ET

import httpx

from support.api_tokens import create
from support.users import TLS, User

DAV = "{DAV:}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
SERVER = "{http://calendarserver.org/ns/}"
APPLE = "{http://apple.com/ns/ical/}"
NAMESPACES = (
    'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:S="http://calendarserver.org/ns/" '
    'xmlns:A="http://apple.com/ns/ical/"'
)


class Phone(httpx.Client):
    """Has an API token of the user, as the password of their e-mail address."""

    def __init__(self, user: User, *scopes: str, token: str | None = None, name: str | None = None) -> None:
        self.token = token or create(user, *(scopes or ("tasks:read", "tasks:write")))["token"]
        super().__init__(base_url=user.base_url, timeout=30, verify=TLS, auth=(name or user.email, self.token))
        self.user = user
        self.principal = f"/dav/principals/{user.id}/"
        self.home = f"/dav/calendars/{user.id}/"
        self.inbox = f"{self.home}inbox/"

    def dav(self, method: str, path: str, body: str | bytes = b"", **headers: str) -> httpx.Response:
        """A request; names of headers have `_` for `-`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body:
            sent.setdefault("Content-Type", "application/xml; charset=utf-8")
        return self.request(method, path, content=body.encode() if isinstance(body, str) else body, headers=sent)

    def propfind(self, path: str, *names: str, depth: str = "0", **headers: str) -> "dict[str, Found]":
        """These properties (`D:resourcetype`), by href; all if none are named."""
        asked = f"<D:prop>{''.join(f'<{name}/>' for name in names)}</D:prop>" if names else "<D:allprop/>"
        answer = self.dav("PROPFIND", path, request("D:propfind", asked), Depth=depth, **headers)
        return responses(answer)

    def prop(self, path: str, name: str) -> ET.Element | None:
        """One property of one resource; None if it has no such."""
        (found,) = self.propfind(path, name).values()
        return next(iter(found.properties.values()), None)

    def text(self, path: str, name: str) -> str | None:
        """The text of one."""
        found = self.prop(path, name)
        return None if found is None else found.text


class Found:
    """What a response of a multistatus says of a resource."""

    def __init__(self, response: ET.Element) -> None:
        self.status = _status(response)
        self.properties: dict[str, ET.Element] = {}
        """Those with 200, by Clark name."""
        self.statuses: dict[str, int] = {}
        """Of all properties."""
        self.conditions: dict[str, str] = {}
        """The preconditions that do not hold, by property."""
        for propstat in response.findall(f"{DAV}propstat"):
            status = _status(propstat)
            assert status is not None
            condition = propstat.find(f"{DAV}error/*")
            (properties,) = propstat.findall(f"{DAV}prop")
            for each in properties:
                assert each.tag not in self.statuses
                self.statuses[each.tag] = status
                if status == 200:
                    self.properties[each.tag] = each
                if condition is not None:
                    self.conditions[each.tag] = condition.tag

    def text(self, name: str) -> str | None:
        """The text of a property by its Clark name."""
        return self.properties[name].text

    def hrefs(self, name: str) -> list[str]:
        """The hrefs in it."""
        return [each.text or "" for each in self.properties[name].iter(f"{DAV}href")]


def request(root: str, inner: str) -> str:
    """A document with the usual prefixes."""
    return f'<?xml version="1.0" encoding="utf-8"?>\n<{root} {NAMESPACES}>{inner}</{root}>'


def responses(answer: httpx.Response) -> dict[str, Found]:
    """What a multistatus says, by href. None is there twice."""
    found: dict[str, Found] = {}
    for response in multistatus(answer).findall(f"{DAV}response"):
        for href in response.findall(f"{DAV}href"):
            assert href.text is not None
            assert href.text not in found
            found[href.text] = Found(response)
    return found


def multistatus(answer: httpx.Response) -> ET.Element:
    """Its root."""
    assert answer.status_code == 207, answer.text
    assert answer.headers["content-type"] == "application/xml; charset=utf-8"
    root = ET.fromstring(answer.content)  # noqa: S314 - the server's own
    assert root.tag == f"{DAV}multistatus"
    return root


def assert_refused(answer: httpx.Response, status: int, condition: str | None = None) -> ET.Element:
    """The answer is a refusal in XML, for this precondition (`D:need-privileges`), with a sentence for people."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/xml; charset=utf-8"
    assert answer.headers["x-request-id"]
    assert answer.headers["cache-control"] == "no-store"
    root = ET.fromstring(answer.content)  # noqa: S314 - the server's own
    assert root.tag == f"{DAV}error"
    message = root.find("{urn:doable}message")
    assert message is not None
    assert message.text is not None
    assert message.text.endswith(".")
    conditions = [each.tag for each in root if not each.tag.startswith("{urn:doable}")]
    assert conditions == ([] if condition is None else [clark(condition)])
    if status == 401:
        assert answer.headers["www-authenticate"] == 'Basic realm="Doable", charset="UTF-8"'
    if status in {429, 503}:
        assert int(answer.headers["retry-after"]) > 0
    return root


def clark(name: str) -> str:
    """The Clark name of one with a prefix."""
    prefix, _, local = name.partition(":")
    return {"D": DAV, "C": CALDAV, "S": SERVER, "A": APPLE}[prefix] + local


def _status(element: ET.Element) -> int | None:
    text = element.findtext(f"{DAV}status")
    return None if text is None else int(text.split()[1])


def elements(found: ET.Element) -> set[str]:
    """The Clark names of its children."""
    return {each.tag for each in found}
