"""What is sent compressed, to whom, and that nobody reads a secret from its length."""

import gzip
from datetime import timedelta

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from time_machine import travel

from bookwhen.compression import LEAST, PADDING, accepts_gzip, compression_middleware
from tests.factories.accounts import SchedulePageFactory
from tests.factories.schedule import NOW, EntryFactory
from tickets.models import Entry

GZIP = {"Accept-Encoding": "gzip, deflate, br"}
LONG = "A page with one’s own words in it. " * 100


def answer(response: HttpResponse | StreamingHttpResponse, accepts: str = "gzip") -> HttpResponse:
    """What the middleware makes of an answer."""

    def view(_request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        return response

    request = RequestFactory().get("/", headers={"Accept-Encoding": accepts} if accepts else {})
    made = compression_middleware(view)(request)
    assert isinstance(made, HttpResponse | StreamingHttpResponse)
    return made  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("header", "takes"),
    [
        ("gzip", True),
        ("br, GZip ; q=0.5", True),
        ("deflate, *", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip; q=0.0, *", False),
        ("x-gzip", False),
    ],
)
def test_who_takes_it(header: str, takes: bool) -> None:  # noqa: FBT001
    request = RequestFactory().get("/", headers={"Accept-Encoding": header})

    assert accepts_gzip(request) is takes
    assert answer(HttpResponse(LONG), header).has_header("Content-Encoding") is takes


def test_a_page_is_shorter_and_says_the_same() -> None:
    response = answer(HttpResponse(LONG, headers={"ETag": '"1"', "Vary": "Cookie"}))

    assert gzip.decompress(response.content).decode() == LONG
    assert len(response.content) < len(LONG) / 10
    assert {name: response[name] for name in ("Content-Encoding", "Content-Length", "ETag", "Vary")} == {
        "Content-Encoding": "gzip",
        "Content-Length": str(len(response.content)),
        "ETag": 'W/"1"',
        "Vary": "Cookie, Accept-Encoding",
    }


def test_without_it_caches_know_that_there_is_another() -> None:
    response = answer(HttpResponse(LONG, headers={"ETag": '"1"'}), "")

    assert (response.content.decode(), response["Vary"], response["ETag"]) == (LONG, "Accept-Encoding", '"1"')


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse("x" * (LEAST - 1)),
        HttpResponse(LONG, content_type="image/png"),
        HttpResponse(LONG, headers={"Content-Encoding": "br"}),
        HttpResponse(status=304),
    ],
)
def test_what_would_be_no_shorter_stays(response: HttpResponse) -> None:
    body = response.content

    assert (answer(response).content, response.has_header("Vary")) == (body, False)


def test_what_is_streamed_stays() -> None:
    response = answer(StreamingHttpResponse(iter([LONG.encode()]), content_type="text/csv"))

    assert response.has_header("Content-Encoding") is False


def test_its_length_is_another_each_time() -> None:
    lengths = {len(answer(HttpResponse(LONG)).content) for _ in range(60)}

    assert (len(lengths) > 10, max(lengths) - min(lengths) <= PADDING + 1) == (True, True)


@pytest.mark.django_db
class TestThePageOfASchedule:
    """It is compressed once, for as long as it is kept."""

    @pytest.fixture
    def entry(self) -> Entry:
        page = SchedulePageFactory.create(slug="river", description=LONG)
        return EntryFactory.create(page=page, title="Morning yoga", starts_at=NOW + timedelta(days=2))

    @pytest.mark.usefixtures("entry")
    def test_for_strangers_it_is_the_same_bytes(self, client: Client) -> None:
        with travel(NOW, tick=False):
            plain = client.get("/river/")
            first, second = (client.get("/river/", headers=GZIP) for _ in range(2))

        assert (first.content, gzip.decompress(first.content)) == (second.content, plain.content)
        assert [each["Vary"] for each in (plain, first)] == ["Cookie, Accept-Encoding"] * 2
        assert [each["ETag"] for each in (plain, first)] == [plain["ETag"]] * 2
        assert first["Content-Length"] == str(len(first.content))

    @pytest.mark.usefixtures("entry")
    def test_who_has_it_is_told_so(self, client: Client) -> None:
        with travel(NOW, tick=False):
            known = client.get("/river/", headers=GZIP)["ETag"]
            again = client.get("/river/", headers={**GZIP, "If-None-Match": known})

        assert (again.status_code, again.content, again.has_header("Content-Encoding")) == (304, b"", False)

    def test_what_changes_is_compressed_anew(self, client: Client, entry: Entry) -> None:
        with travel(NOW, tick=False):
            before = client.get("/river/", headers=GZIP)
            Entry.objects.filter(pk=entry.pk).update(title="Evening yoga")
            after = client.get("/river/", headers=GZIP)

        assert b"Morning yoga" in gzip.decompress(before.content)
        assert b"Evening yoga" in gzip.decompress(after.content)
