"""Why some pages and jobs may read more of a larger studio, in words of the table; all others have no excuse."""

from fnmatch import fnmatchcase
from typing import Final

ADDED_UP: Final = "Adds up all rows of one import, before anything of it is done."
COUNTED: Final = "Counts up to a thousand, of which the quarter has fewer."
APART: Final = "Reads the first hundred names, which lie further apart among more of them."
BESIDE: Final = "Lie further apart among what others wrote meanwhile."
PERIOD: Final = "Adds up all of a period, four times as much."
OWED: Final = "Counts who still owes, up to a thousand."
COLLECTED: Final = "Looks through all that is owed, so that each customer is listed with the sum of it."
READ: Final = "Looks at up to 20,000 of those it may go to."
REASONS: Final[dict[str, str]] = (
    {
        "bookings/, state=unpaid": "Lists who owes, the newest first, of all who do.",
        "*view=month*": "Counts the events of a month, four times as many.",
        "*view=week*": "Shows the events of a week, four times as many, 300 at most.",
        "customers/<pk>/, the busiest customer": "Has booked four times as much: what is owed is found among it.",
        "customers/imports/<int:pk>/*": ADDED_UP,
        "memberships/import/<int:pk>/*": ADDED_UP,
        "overview": "Reads the events of today, four times as many, 100 at most.",
        "payments/, totals=…": "Adds up all payments, where somebody asks for it.",
        "schedule/<int:pk>/edit/": APART,
        "schedule/new/": APART,
    }
    | dict.fromkeys(
        (
            *("memberships/<int:pk>/", "memberships/<int:pk>/customers/", "memberships/<int:pk>/customers/, *"),
            *("schedule/leaders/", "schedule/leaders/, *", "schedule/leaders/archived/"),
            *("schedule/locations/", "schedule/locations/, *", "schedule/locations/archived/"),
            *("schedule/tags/", "schedule/tags/, *", "schedule/tags/archived/"),
            *("subscriptions/", "subscriptions/, *"),
        ),
        COUNTED,
    )
    | {
        "customers/moving-in/": COUNTED,
        "payments/, state=disputed": "Looks for disputes among the newest payments, in which they lie further apart.",
        "schedule/<pk>/, past*": "Shows everybody who came to an event, four times as many.",
        "settings/pages/": "Counts the events of each page, up to a thousand.",
    }
    | dict.fromkeys(("money/", "money/, *"), COLLECTED)
    | dict.fromkeys(("bookings/", "bookings/, *"), OWED)
    | dict.fromkeys(("messages/<int:pk>/", "messages/<int:pk>/people/*"), READ)
    | dict.fromkeys(
        ("receipts/vat/*", "reports/", *(f"reports/{each}/*" for each in ("fullness", "income", "members", "uses"))),
        PERIOD,
    )
    | dict.fromkeys(
        (
            *("beside a studio of N: reports/*", "beside a studio of N: schedule/, *"),
            *("beside a studio of N: memberships/<int:pk>/customers/*", "beside a studio of N: customers/*"),
            *("beside a studio of N: check-access/*", "beside a studio of N: overview"),
        ),
        BESIDE,
    )
)
"""By what they are called, where `*` is anything."""


def reason_for(label: str) -> str:
    """Why a page or job may be above the target, if somebody wrote that down."""
    return next((reason for called, reason in REASONS.items() if fnmatchcase(label, called)), "")
