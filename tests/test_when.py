"""When something takes place, told as Django's filters would tell it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.template import engines
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from bookwhen.when import hours, later_day, when

PLAINLY = """{% load tz %}{% timezone tz %}<span class="when"><time datetime="{{ start|date:"c" }}">\
{{ start|date:"D j M Y" }}, <wbr>{{ start|time:"H:i" }}</time>{% if end %}–\
{% if start|date:"Ymd" != end|date:"Ymd" %}<wbr>{% endif %}<time datetime="{{ end|date:"c" }}">\
{% if start|date:"Ymd" != end|date:"Ymd" %}{{ end|date:"D j M Y" }}, <wbr>{% endif %}{{ end|time:"H:i" }}</time>\
{% endif %}{% if zone %} <wbr><span class="soft">({{ tz }})</span>{% endif %}</span>{% endtimezone %}"""
LONDON = ZoneInfo("Europe/London")
instants = st.integers(946_684_800, 4_102_444_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
lengths = st.none() | st.timedeltas(timedelta(minutes=1), timedelta(days=400))
zones = st.sampled_from(["Europe/London", "Pacific/Apia", "America/St_Johns", "UTC"]).map(ZoneInfo)
languages = st.sampled_from(["en-gb", "de"])


@given(start=instants, length=lengths, tz=zones, zone=st.sampled_from(["", "yes"]), language=languages)
def test_it_is_told_as_the_filters_tell_it(
    start: datetime, length: timedelta | None, tz: ZoneInfo, zone: str, language: str
) -> None:
    end = start + length if length else None
    facts = {"start": start, "end": end, "tz": tz, "zone": zone}

    with translation.override(language):
        plainly = engines["django"].from_string(PLAINLY).render(facts)

        assert when(start, end, tz=tz, zone=zone) == plainly


def test_without_a_zone_it_is_the_active_one() -> None:
    at = datetime(2030, 7, 1, 12, tzinfo=UTC)

    with timezone.override(LONDON):
        assert when(at) == when(at, tz="Europe/London") == when(at, tz=LONDON)
        assert (
            hours(at, at + timedelta(hours=1))
            == '<span class="when"><time datetime="2030-07-01T13:00:00+01:00">13:00</time>'
            '–<time datetime="2030-07-01T14:00:00+01:00">14:00</time></span>'
        )


def test_what_has_no_instant_says_nothing() -> None:
    assert when(None) == ""


def test_only_what_ends_on_another_day_tells_it() -> None:
    evening = datetime(2030, 7, 1, 20, tzinfo=UTC)  # 21:00 in London

    with timezone.override(LONDON):
        ends = [later_day(evening, evening + timedelta(hours=length)) for length in (1, 3, 4, 27)]

    assert [end and end.isoformat() for end in ends] == [None, None, "2030-07-02", "2030-07-03"]
