"""Requests that no browser makes: broken addresses, bodies, cookies and headers. Refused, and nothing breaks."""

from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeVar

import pytest
from django.test import Client

from tests.browsing import open_browser
from tests.fuzz.attempts import Attempts
from tests.fuzz.world import MEMBER, OWNER, FuzzWorld

pytestmark = pytest.mark.django_db

V = TypeVar("V")
EVERY: Final = 3
FORM: Final = "application/x-www-form-urlencoded"
PARTS: Final = "multipart/form-data; boundary=x"
PART: Final = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n'
ROUTES: Final = (
    "",
    "accounts/login/",
    "accounts/signup/",
    "accounts/password/reset/",
    "my/",
    "my/details/",
    "sitemap.xml",
    "health/live/",
    "<slug:page>/",
    "<slug:page>/basket/pay/",
    "<slug:page>/entries/<uuid:entry>/book/",
    "nothing/here/",
    "dashboard/<slug:account>/groups/new/",
    "dashboard/<slug:account>/payments/",
    "stripe/webhooks/<uuid:endpoint>/",
)
CHARSETS: Final = (
    "hex",
    "base64",
    "rot13",
    "unicode_escape",
    "raw_unicode_escape",
    "utf-7",
    "utf-16",
    "utf-32",
    "idna",
    "punycode",
    "undefined",
    "latin-1",
    "mbcs",
    "zip",
    "x" * 2000,
    "../utf-8",
)
COOKIES: Final = (
    r'sessionid="\000abcdefghijk"',
    r'sessionid="\012\015abcdefghijk"',
    "sessionid=" + "x" * 5000,
    "sessionid=../../x",
    r'csrftoken="\000"',
    r'messages="\000"',
    "messages=x:y:z",
    r'django_language="\000"',
    "django_language=" + "x" * 5000,
    "=;;=",
    r'basket-{account}="\000"',
    "basket-{account}=" + "9" * 5000,
    "sessionid=\xff",
    "a=" + "b" * 20_000,
    "sessionid=é",
    r'sessionid="\355\240\200abcdefghijk"',
)
QUERIES: Final = (
    "%",
    "%zz=%zz",
    "%ff%fe",
    "q=%ff",
    "q=%00",
    "&&&=&=",
    "q=\xff",
    "q[]=1&q[a]=2",
    "page=1&page=2",
    "q=%ed%a0%80",
    "&".join(f"a{number}=1" for number in range(2000)),
    "q=" + "x" * 100_000,
    "next=%0d%0aSet-Cookie:a=b",
)
BODIES: Final = (
    (FORM, b"\xff\xfe=\x80"),
    (FORM, b"name=%"),
    (FORM, b"name=%zz%ff"),
    (FORM, b"name=\x00"),
    (FORM, b"=&=&="),
    (FORM, b"&".join(b"a%d=1" % number for number in range(2000))),
    (FORM, b"name=" + b"x" * 3_000_000),
    (PARTS, b""),
    (PARTS, b"--x"),
    (PARTS, b"--x\r\n\r\n--x--"),
    ("multipart/form-data", b"--x\r\n"),
    (PARTS, b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nAda'),
    (PARTS, b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\xff\x00\r\n--x--'),
    (PARTS, b'--x\r\nContent-Disposition: form-data; name="name\x00"\r\n\r\n\xff\x00\r\n--x--'),
    (PARTS, b'--x\r\nContent-Disposition: form-data; name="name"; filename="a\x00.png"\r\n\r\nx\r\n--x--'),
    (
        PARTS,
        b"--x\r\nContent-Transfer-Encoding: base64\r\n" + PART[5:] + b"!\r\n--x--",
    ),
    (PARTS, b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n' + b"x" * 3_000_000 + b"\r\n--x--"),
    (PARTS, b'--x\r\nContent-Disposition: form-data; name="name"; filename="a"\r\n\r\nx\r\n' * 200 + b"--x--"),
    ("multipart/form-data; boundary=" + "x" * 300, b"--x--"),
    ("multipart/form-data; boundary=\xff", b"--x--"),
    ("application/json", b"{"),
    ("text/plain", b"\xff"),
    ("", b"x"),
    ("\xff", b"x"),
    ("a" * 5000, b"x"),
)
HEADERS: Final = (
    {"HTTP_ACCEPT_LANGUAGE": "x" * 5000},
    {"HTTP_ACCEPT_LANGUAGE": "de;q=NaN,,;q=9e999"},
    {"HTTP_ACCEPT_LANGUAGE": "\xff\0"},
    {"HTTP_HOST": "evil.example"},
    {"HTTP_HOST": "a:b:c"},
    {"HTTP_HOST": ""},
    {"HTTP_HOST": "\xff"},
    {"HTTP_REFERER": "\xff\0"},
    {"HTTP_X_FORWARDED_FOR": "\0"},
    {"HTTP_X_FORWARDED_FOR": "x" * 5000 + ",,,"},
    {"HTTP_X_FORWARDED_FOR": "::1%eth0, 999.1.1.1"},
    {"HTTP_X_FORWARDED_PROTO": "\xff"},
    {"HTTP_IF_MODIFIED_SINCE": "Thu, 99 Foo 99999"},
    {"HTTP_IF_NONE_MATCH": '"' * 500},
    {"HTTP_RANGE": "bytes=-9" + "9" * 30},
    {"HTTP_ORIGIN": "null"},
    {"HTTP_USER_AGENT": "\xff\0" * 500},
    {"CONTENT_LENGTH": "x"},
    {"CONTENT_LENGTH": "-1"},
    {"CONTENT_LENGTH": "9" * 30},
    {"REMOTE_ADDR": ""},
    {"REMOTE_ADDR": "unix:"},
    {"HTTP_STRIPE_SIGNATURE": "t=" + "9" * 5000 + ",v1=\xff"},
    {"HTTP_ACCEPT": "*/*;q=x" * 500},
    {"HTTP_AUTHORIZATION": "Basic \xff"},
)
METHODS: Final = ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "QUERY", "x", "GE\0T")


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Attempts]:
    attempts = Attempts(monkeypatch)
    with attempts.watched():
        yield attempts
    if attempts.failures:
        pytest.fail("\n".join(attempts.failures), pytrace=False)


@pytest.fixture
def world(db: None, settings: Any) -> FuzzWorld:
    settings.ALLOWED_HOSTS = ["testserver"]
    return FuzzWorld()


def tries(world: FuzzWorld, values: Iterable[V]) -> Iterator[tuple[Client, str, V]]:
    """Each value at some of the addresses, another part of them each time, as somebody who finds something there."""
    places = [world.address(route) for route in ROUTES]
    browsers = [world.browsers[OWNER if "dashboard" in each else MEMBER] for each in places]
    browsers[1] = Client(enforce_csrf_checks=True, raise_request_exception=False)
    for turn, value in enumerate(values):
        for at in range(turn % EVERY, len(places), EVERY):
            yield browsers[at], places[at], value


def test_the_text_of_a_request_is_utf_8(world: FuzzWorld, attempts: Attempts) -> None:
    for client, path, charset in tries(world, CHARSETS):
        attempts.raw(client, "GET", f"{path}?q=a", b"", f"text/plain; charset={charset}")
        attempts.raw(client, "POST", path, b"name=%5Cud800\\ud800", f"{FORM}; charset={charset}")
        part = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\\ud800\r\n--x--'
        attempts.raw(client, "POST", path, part, f"{PARTS}; charset={charset}")


def test_a_cookie_may_hold_anything(world: FuzzWorld, attempts: Attempts) -> None:
    for client, path, cookie in tries(world, COOKIES):
        sent = cookie.replace("{account}", str(world.studio.account.pk))
        mine = client.cookies.output(header="", sep=";").strip() if "sessionid" not in sent else ""
        for method in ("GET", "POST"):
            attempts.raw(Client(raise_request_exception=False), method, path, b"", FORM, HTTP_COOKIE=f"{mine};{sent}")


def test_a_query_may_be_broken(world: FuzzWorld, attempts: Attempts) -> None:
    for client, path, query in tries(world, QUERIES):
        attempts.raw(client, "GET", path, b"", "", QUERY_STRING=query)


def test_a_body_may_be_broken_or_too_long(world: FuzzWorld, attempts: Attempts) -> None:
    for client, path, (kind, body) in tries(world, BODIES):
        attempts.raw(client, "POST", path, body, kind)


def test_a_header_may_say_anything(world: FuzzWorld, attempts: Attempts) -> None:
    for client, path, header in tries(world, HEADERS):
        for method in ("GET", "POST"):
            attempts.raw(client, method, path, b"a=b", FORM, **header)


def test_a_method_may_be_unknown(world: FuzzWorld, attempts: Attempts) -> None:
    for client, path, method in tries(world, METHODS):
        attempts.raw(client, method, path, b"", "")


def test_a_session_that_none_can_be_is_nobody(world: FuzzWorld) -> None:
    answer = Client().get("/my/", headers={"cookie": r'sessionid="\000abcdefghijk"'})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/my/")


@pytest.mark.parametrize("charset", ["hex", "unicode_escape", "utf-16"])
def test_text_in_another_encoding_is_refused(world: FuzzWorld, charset: str) -> None:
    browser = open_browser(world.studio.staff.user)
    path = world.address("dashboard/<slug:account>/groups/new/")
    answer = browser.generic("POST", path, b"name=a", f"multipart/form-data; boundary=x; charset={charset}")
    assert answer.status_code == 400
