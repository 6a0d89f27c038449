"""Who leads the demo's classes, where they are, how visitors find them, and a picture or two, drawn here."""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Final

from django.db import connection
from PIL import Image, ImageDraw

from accounts.models import Account, LeaderWord, Staff
from tickets.models import Entry, Leader, Location, Tag
from tickets.pictures.keeping import keep_picture
from tickets.pictures.reading import read_picture
from tickets.schedule.labels import set_leaders
from tickets.schedule.names import named

AMARA: Final = "Amara Okafor"
SIAN: Final = "Siân Pritchard-Cole"
TOMASZ: Final = "Tomasz Lewandowski"
INES: Final = "Inês Carvalho"
BEGINNERS, OUTDOORS, SLOW, STRONG, FAMILIES = "Beginners", "Outdoors", "Slow", "Strong", "Families"
LED: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "Early Bird Vinyasa": ((AMARA,), (STRONG,)),
    "Pilates Mat": ((TOMASZ,), (BEGINNERS,)),
    "Gentle Hatha": ((SIAN,), (BEGINNERS, SLOW)),
    "Barre & Strength": ((INES,), (STRONG,)),
    "Lunchtime Stretch": ((AMARA,), (BEGINNERS,)),
    "Reformer Pilates": ((TOMASZ,), (STRONG,)),
    "Parent & Baby Yoga": ((INES,), (FAMILIES, SLOW)),
    "Slow Flow & Yin": ((SIAN,), (SLOW,)),
    "Handstands & Mobility": ((AMARA, TOMASZ), (STRONG,)),
    "Saturday Vinyasa": ((AMARA,), ()),
    "Family Yoga": ((INES,), (FAMILIES,)),
    "Open Dance": ((INES,), ()),
    "Sound Bath & Deep Rest": ((SIAN,), (SLOW,)),
    "Handstand Clinic": ((AMARA,), (STRONG,)),
    "Restorative Evening by Candlelight": ((SIAN,), (SLOW,)),
    "Walk, Rest, Move: a day by the sea": ((SIAN, AMARA), (OUTDOORS, SLOW)),
}
"""Leaders and tags of each, by its title."""
ADDRESS: Final = "The Sail Loft, 4 Mill Lane, London SE8 3QS"
ONLINE: Final = "Live online"
_LEAD: Final = """
    INSERT INTO tickets_entryleader (account_id, entry_id, leader_id, position, is_planned, leads)
    SELECT entry.account_id, entry.id, led.leader, led.place, true, true
    FROM unnest(%(leaders)s::bigint[]) WITH ORDINALITY AS led (leader, place), tickets_entry AS entry
    WHERE entry.account_id = %(account)s AND entry.title = %(title)s
"""
_TAG: Final = """
    INSERT INTO tickets_entrytag (account_id, entry_id, tag_id)
    SELECT entry.account_id, entry.id, tag FROM unnest(%(tags)s::bigint[]) AS tag, tickets_entry AS entry
    WHERE entry.account_id = %(account)s AND entry.title = %(title)s
"""


def put_on(account: Account, *, now: datetime) -> None:
    """Give the programme its leaders, places, tags and pictures; one takes over for another next week."""
    account.leader_word = LeaderWord.TEACHER
    account.save(update_fields=["leader_word"])
    with connection.cursor() as cursor:
        for title, (leaders, tags) in LED.items():
            found = [each.pk for each in named(Leader, account.pk, leaders)]
            cursor.execute(_LEAD, {"account": account.pk, "title": title, "leaders": found})
            found = [each.pk for each in named(Tag, account.pk, tags)]
            cursor.execute(_TAG, {"account": account.pk, "title": title, "tags": found})
    for staff in Staff.objects.filter(account=account, user__name__in=(AMARA, SIAN)).select_related("user"):
        Leader.objects.filter(account=account, name=staff.user.name).update(staff=staff)
    _say_where(account)
    ahead = Entry.objects.filter(account=account, title="Gentle Hatha", starts_at__gt=now + timedelta(days=2))
    set_leaders([ahead.order_by("starts_at", "pk")[0]], [AMARA], for_once=True)
    for title, sky in (("Saturday Vinyasa", "#f6c177"), ("Walk, Rest, Move: a day by the sea", "#9ccfd8")):
        _show(account, title, sky)


def _say_where(account: Account) -> None:
    Location.objects.filter(account=account, name__contains="floor").update(
        address=ADDRESS, map_link="https://www.openstreetmap.org/?mlat=51.4834&mlon=-0.0263"
    )
    online = Location.objects.create(
        account=account, name=ONLINE, online=True, link="https://meet.example.org/riverside-lunchtime"
    )
    Entry.objects.filter(account=account, title="Lunchtime Stretch").update(venue=online, location=online.name)


def _show(account: Account, title: str, sky: str) -> None:
    content = _drawn(sky)
    read = read_picture(BytesIO(content), size=len(content))
    picture = keep_picture(account, read, alt="The sun over the river, with two hills behind it")
    Entry.objects.filter(account=account, title=title).update(picture=picture)


def _drawn(sky: str) -> bytes:
    """A river, two hills and the sun."""
    image = Image.new("RGB", (1600, 900), sky)
    pen = ImageDraw.Draw(image)
    pen.ellipse((1050, 180, 1290, 420), fill="#fff6e0")
    pen.ellipse((-300, 420, 900, 1300), fill="#56949f")
    pen.ellipse((600, 480, 2000, 1400), fill="#3e8fb0")
    pen.polygon([(0, 900), (0, 760), (500, 700), (1000, 760), (1600, 690), (1600, 900)], fill="#286983")
    into = BytesIO()
    image.save(into, "PNG")
    return into.getvalue()
