"""What XML does to the server: nothing but what it says."""

from xml.sax.saxutils import quoteattr

import pytest

from support.dav import DAV, Phone, assert_refused, multistatus, request, responses

NAMES = "<D:prop><D:displayname/></D:prop>"


def find(phone: Phone, body: str | bytes, **headers: str) -> int:
    """The status of a PROPFIND with this body; a refusal is XML."""
    answer = phone.dav("PROPFIND", "/dav/", body, **headers)
    if answer.status_code != 207:
        assert_refused(answer, answer.status_code)
    return answer.status_code


def test_what_is_no_xml(anns: Phone) -> None:
    for body in (
        "x",
        "<",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<D:propfind/>",
        "\0",
        "<a>\x01</a>",
        "{}",
        "<a b='1' b='2'/>",
    ):
        assert find(anns, body) == 400, body
    assert find(anns, request("D:other", NAMES)) == 400
    assert find(anns, request("C:propfind", NAMES)) == 400
    assert find(anns, request("D:propfind", "")) == 400
    assert find(anns, request("D:propfind", f"{NAMES}<D:allprop/>")) == 400


def test_no_document_type(anns: Phone, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("secret") / "file"
    secret.write_text("the-secret")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    for declared in (
        "<!DOCTYPE propfind>",
        '<!DOCTYPE propfind SYSTEM "http://127.0.0.1:9/x.dtd">',
        f'<!DOCTYPE propfind [<!ENTITY x SYSTEM "file://{secret}">]>',
        f'<!DOCTYPE propfind [<!ENTITY l0 "lol">{laughs}]>',
        "<!-- <!-- - -->\n<?x <!DOCTYPE?> <!DOCTYPE propfind []>",
        "<!-- a --> <!doctype propfind>",
    ):
        body = f'<?xml version="1.0"?>{declared}<D:propfind xmlns:D="DAV:" a="&l9;"><D:prop><D:x>&x;</D:x></D:prop></D:propfind>'
        for encoding in ("utf-8", "utf-8-sig", "utf-16"):
            answer = anns.dav("PROPFIND", "/dav/", body.encode(encoding))
            assert_refused(answer, 400)
            assert "the-secret" not in answer.text
    # A comment or CDATA may speak of one.
    assert (
        find(anns, request("D:propfind", "<!-- <!DOCTYPE x> --><D:prop><D:a><![CDATA[<!DOCTYPE x>]]></D:a></D:prop>"))
        == 207
    )
    assert find(anns, request("D:propfind", "<D:prop>&undeclared;</D:prop>")) == 400


def test_encodings(anns: Phone) -> None:
    inner = '<D:propfind xmlns:D="DAV:"><D:prop><D:displayname/></D:prop></D:propfind>'
    for encoding, declared in (
        ("utf-8", None),
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-8", "us-ascii"),
        ("utf-16", "UTF-16"),
        ("utf-16", None),
    ):
        said = f' encoding="{declared}"' if declared else ""
        assert find(anns, f'<?xml version="1.0"{said}?>{inner}'.encode(encoding)) == 207, (encoding, declared)
    for encoding, declared in (
        ("latin-1", "iso-8859-1"),
        ("utf-8", "utf-7"),
        ("utf-8", "utf-16"),
        ("utf-16", "utf-8"),
        ("cp037", "cp037"),
        ("utf-16-le", "utf-16"),
        ("utf-32", "utf-32"),
    ):
        assert find(anns, f'<?xml version="1.0" encoding="{declared}"?>{inner}'.encode(encoding)) == 400, encoding
    assert find(anns, inner.encode().replace(b"displayname", b"display\xff")) == 400


def test_as_much_as_anybody_needs_and_no_more(anns: Phone) -> None:
    def deep(count: int) -> str:
        return request("D:propfind", f"<D:prop><D:x>{'<D:a>' * count}{'</D:a>' * count}</D:x></D:prop>")

    assert find(anns, deep(61)) == 207
    assert find(anns, deep(62)) == 400
    assert find(anns, deep(5000)) == 400
    assert find(anns, request("D:propfind", f"<D:prop>{'<a/>' * 60_000}</D:prop>")) == 400
    assert find(anns, request("D:propfind", "<a " + " ".join(f"a{n}=''" for n in range(60_000)) + "/>")) == 400
    assert find(anns, request("D:propfind", f"<D:prop>{'<D:a/>' * 40_000}</D:prop>")) == 207
    assert find(anns, request("D:propfind", f"{NAMES}{' ' * 1024 * 1024}")) == 413
    assert find(anns, request("D:propfind", NAMES), Content_Encoding="gzip") == 415


def test_the_media_type_is_not_looked_at(anns: Phone) -> None:
    for kind in ("application/xml", "text/xml", "text/plain", "application/octet-stream"):
        assert find(anns, request("D:propfind", NAMES), Content_Type=kind) == 207
    nothing = anns.request("PROPFIND", "/dav/", content=request("D:propfind", NAMES), headers={"Depth": "0"})
    assert nothing.status_code == 207


@pytest.mark.parametrize(
    ("namespace", "local"),
    [("urn:x", "a"), ("urn:x?a=1&b='2'", "c"), ("http://example.com/", "ä"), ("x" * 5000, "a"), ("urn:x", "b" * 5000)],
)
def test_names_come_back_as_they_were_sent(anns: Phone, namespace: str, local: str) -> None:
    body = f"<D:prop><x:{local} xmlns:x={quoteattr(namespace)}/></D:prop>"
    (found,) = responses(anns.dav("PROPFIND", "/dav/", request("D:propfind", body))).values()
    assert found.statuses == {f"{{{namespace}}}{local}": 404}


def test_namespaces_that_are_no_uri_are_refused(anns: Phone) -> None:
    for namespace in ("a}b", 'a"b', "a<b", "a\nb"):
        body = f"<D:prop><x:a xmlns:x={quoteattr(namespace)}/></D:prop>"
        assert find(anns, request("D:propfind", body)) == 400, namespace


def test_names_of_no_namespace_and_of_xml(anns: Phone) -> None:
    answer = anns.dav("PROPFIND", "/dav/", request("D:propfind", "<D:prop><a/><xml:lang/></D:prop>"))
    (found,) = responses(answer).values()
    assert set(found.statuses) == {"a", "{http://www.w3.org/XML/1998/namespace}lang"}


def test_who_is_called_by_signs_of_xml(anns: Phone) -> None:
    anns.user.patch("/api/auth/me", json={"name": "<b>&\"'\u2028 ü 😀"})
    root = multistatus(anns.dav("PROPFIND", anns.principal, request("D:propfind", NAMES)))
    assert root.findtext(f".//{DAV}displayname") == "<b>&\"'\u2028 ü 😀"
