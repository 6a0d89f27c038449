"""How the demo's studio looks and speaks: a logo drawn here, its own colour, words in its emails, reminders."""

from datetime import datetime
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw

from accounts.branding import keep_logo, save_branding
from accounts.models import Account, LetterKind, SchedulePage, User
from accounts.wording import Parts, save_wording
from tickets.pictures.reading import read_logo

COLOUR: Final = "#a34a28"
REMINDED: Final = 24
WATER, SUN = (31, 92, 102, 255), (214, 122, 60, 255)
SIZE: Final = (960, 240)
WORDED: Final = (
    (LetterKind.BOOKED, "Booking confirmation"),
    (LetterKind.BOUGHT, "Booking confirmation and receipt"),
)
CONFIRMATION: Final = Parts(
    opening="Lovely that you’re coming, {name}! Wear something warm: the loft is fresh in the morning.",
    closing="See you by the river,\neveryone at {studio}",
)


def show_brand(account: Account, page: SchedulePage, *, owner: User, now: datetime) -> None:
    """Give the account and one of its pages a brand, word its confirmations, and let the page remind."""
    drawn = BytesIO()
    _logo().save(drawn, "PNG")
    content = read_logo(BytesIO(drawn.getvalue()), size=drawn.tell())
    save_branding(account, accent=COLOUR, logo=keep_logo(account, content, now=now), on_pages=False, now=now)
    page.accent, page.reminder_hours = COLOUR, REMINDED
    page.save(update_fields=["accent", "reminder_hours"])
    for kind, title in WORDED:
        save_wording(account, kind, CONFIRMATION, called=title, by=owner, now=now)


def _logo() -> Image.Image:
    """The sun over two waves, and no letters: no machine has the same fonts."""
    image = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    brush = ImageDraw.Draw(image)
    brush.ellipse((60, 20, 200, 160), fill=SUN)
    for row, (left, width) in enumerate(((20, 220), (0, 260))):
        top = 140 + row * 44
        for at in range(left, left + width, 74):
            brush.arc((at, top - 30, at + 80, top + 30), 20, 160, fill=WATER, width=18)
    return image.crop((0, 0, 300, 240))
