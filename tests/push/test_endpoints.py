"""Which addresses messages are sent to: those of PUSH_HOSTS, written as browsers write them, and nothing else."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from doable.errors import PushHostRefused
from doable.push.endpoints import MAX_ENDPOINT, Endpoint, endpoint_of, is_public
from doable.settings import PushHost, Settings
from doable.settings.types import PushHosts


def hosts(text: str) -> tuple[PushHost, ...]:
    found: tuple[PushHost, ...] = TypeAdapter(PushHosts).validate_python(text)
    return found


SERVICES = Settings(_env_file=None).push_hosts
OWN = hosts("push.example.com,*.below.example.com,other.example.com:8443,127.0.0.1:8090,localhost:8091,[::1]:8092")


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/dx:APA91b-_x",
        "https://fcm.googleapis.com/wp/a=b",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAAAA",
        "https://web.push.apple.com/QOx1",
        "https://wns2-db5p.notify.windows.com/w/?token=BQYAAA%2f%3d",
        "https://jmt17.google.com/fcm/send/a",
        "https://fcm.googleapis.com:443/wp/a",
    ],
)
def test_the_services_of_the_browsers_makers_are_known(endpoint: str) -> None:
    found = endpoint_of(endpoint, SERVICES)
    assert found.origin == "https://" + endpoint.split("/")[2].removesuffix(":443")
    assert found.target == "/" + endpoint.split("/", 3)[3]


@pytest.mark.parametrize(
    ("endpoint", "origin"),
    [
        ("https://push.example.com/a", "https://push.example.com"),
        ("https://a.b.below.example.com/a", "https://a.b.below.example.com"),
        ("https://other.example.com:8443/a", "https://other.example.com:8443"),
        ("http://127.0.0.1:8090/a", "http://127.0.0.1:8090"),
        ("https://127.0.0.1:8090/a", "https://127.0.0.1:8090"),
        ("http://localhost:8091/", "http://localhost:8091"),
        ("http://[::1]:8092/a?b", "http://[::1]:8092"),
    ],
)
def test_push_hosts_says_which_there_are_besides(endpoint: str, origin: str) -> None:
    assert endpoint_of(endpoint, OWN).origin == origin


REFUSED = [
    "",
    "/a",
    "//push.example.com/a",
    "push.example.com/a",
    "https://push.example.com",
    "https:push.example.com/a",
    "https:/push.example.com/a",
    "https:///push.example.com/a",
    # Another host, or one that only looks like it.
    "https://example.com/a",
    "https://push.example.com.evil.example/a",
    "https://evilpush.example.com/a",
    "https://x.push.example.com/a",
    "https://below.example.com/a",
    "https://.below.example.com/a",
    "https://a..below.example.com/a",
    "https://-.below.example.com/a",
    "https://evilbelow.example.com/a",
    f"https://{'a' * 64}.below.example.com/a",
    f"https://{'a.' * 120}below.example.com/a",
    "https://push.example.com./a",
    "https://PUSH.example.com/a",
    "https://pu\u0073\u0301h.example.com/a",
    "https://\uff50ush.example.com/a",
    "https://push\u3002example.com/a",
    "https://push%2eexample.com/a",
    # A user, and what some readers take for one.
    "https://push.example.com@evil.example/a",
    "https://evil.example@push.example.com/a",
    "https://a:b@push.example.com/a",
    "https://@push.example.com/a",
    "https://push.example.com:443@evil.example/a",
    "https://evil.example\\@push.example.com/a",
    "https://push.example.com\\@evil.example/a",
    "https://push.example.com#@evil.example/a",
    "https://push.example.com?@evil.example/a",
    "https://evil.example#push.example.com/a",
    # Other ports.
    "https://push.example.com:80/a",
    "https://push.example.com:8443/a",
    "https://other.example.com/a",
    "https://push.example.com:/a",
    "https://push.example.com:0443/a",
    "https://push.example.com:-443/a",
    "https://push.example.com:+443/a",
    "https://push.example.com:99999/a",
    "https://push.example.com:443443/a",
    "http://127.0.0.1:8091/a",
    "http://127.0.0.1/a",
    "http://localhost/a",
    "http://localhost:8090/a",
    # Other schemes.
    "http://push.example.com/a",
    "http://push.example.com:443/a",
    "HTTPS://push.example.com/a",
    "ftp://push.example.com/a",
    "file:///etc/passwd",
    "gopher://push.example.com/a",
    "ws://127.0.0.1:8090/a",
    "javascript:alert(1)",
    "data:text/plain,a",
    # Addresses of this machine and its neighbours, in all their spellings.
    "https://127.0.0.1/a",
    "https://2130706433/a",
    "http://2130706433:8090/a",
    "http://0x7f000001:8090/a",
    "http://0x7f.0.0.1:8090/a",
    "http://017700000001:8090/a",
    "http://0177.0.0.1:8090/a",
    "http://127.1:8090/a",
    "http://127.0.0.1.:8090/a",
    "http://127.0.0.2:8090/a",
    "http://0.0.0.0:8090/a",
    "http://0:8090/a",
    "http://[::]:8090/a",
    "http://[::]:8092/a",
    "http://[::ffff:127.0.0.1]:8090/a",
    "http://[::ffff:7f00:1]:8090/a",
    "http://[0:0:0:0:0:0:0:1]:8092/a",
    "http://[::1%25lo]:8092/a",
    "https://169.254.169.254/latest/meta-data",
    "https://[fe80::1]/a",
    "https://10.0.0.1/a",
    # What no URL has in it.
    "https://push.example.com/a b",
    " https://push.example.com/a",
    "https://push.example.com/a ",
    "https://push.example.com/a\n",
    "https://push.example.com/a\r\nHost: evil.example",
    "https://push.example.com/\t",
    "https://push.example.com/\x00",
    "https://push.example.com/a#b",
    "https://push.example.com/a\\b",
    "https://push.example.com/ü",
    "https://push.example.com/" + "a" * MAX_ENDPOINT,
]


@pytest.mark.parametrize("endpoint", REFUSED)
def test_anything_else_is_refused(endpoint: str) -> None:
    for known in (OWN, SERVICES):
        with pytest.raises(PushHostRefused) as refused:
            endpoint_of(endpoint, known)
        assert str(refused.value) == PushHostRefused.message


def test_the_longest_may_have_2000_characters() -> None:
    start = "https://push.example.com/"
    assert endpoint_of(start + "a" * (2000 - len(start)), OWN).host == "push.example.com"
    with pytest.raises(PushHostRefused):
        endpoint_of(start + "a" * (2001 - len(start)), OWN)


@given(st.text(st.sampled_from("htps:/@#?\\.%[]0127x-_ \t\nlocalhostpush.example.com"), max_size=60))
def test_whatever_is_let_through_is_sent_where_every_reader_of_urls_would_send_it(text: str) -> None:
    from httpx import URL  # another reader than the product's

    for endpoint in (text, f"https://{text}", f"https://push.example.com{text}", f"http://127.0.0.1:8090{text}"):
        try:
            found = endpoint_of(endpoint, OWN)
        except PushHostRefused:
            continue
        url = URL(endpoint)
        assert (url.scheme, url.host, url.userinfo) == (found.scheme, found.host.strip("[]"), b"")
        assert (url.port or {"http": 80, "https": 443}[url.scheme]) == found.port


PRIVATE = [
    "0.0.0.0",  # noqa: S104 - nobody binds to it
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::1",
    "2001:db8::1",
    "2001::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_of_nobodys_and_of_networks_of_ones_own_are_not_the_internets(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "142.250.1.95", "2a00:1450:4001::5f", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_the_internets_addresses_are(address: str) -> None:
    assert is_public(ip_address(address))


def test_a_host_of_this_machine_may_be_nowhere_else() -> None:
    here = endpoint_of("http://localhost:8091/", OWN)
    elsewhere = endpoint_of("https://push.example.com/a", OWN)

    def at(endpoint: Endpoint) -> list[str]:
        return [each for each in ("127.0.0.1", "::1", "10.0.0.1", "8.8.8.8", "fe80::1%1") if endpoint.may_be_at(each)]

    assert at(here) == ["127.0.0.1", "::1"]
    assert at(elsewhere) == ["8.8.8.8"]
