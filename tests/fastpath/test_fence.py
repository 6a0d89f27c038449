"""What the fast path does is done nowhere else in the house."""

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
OURS: Final = ("accounts", "bookwhen", "groups", "memberships", "offers", "tickets")
TRICKS: Final[dict[str, dict[str, str]]] = {
    r"get_related_populators|get_compiler|execute_sql|results_iter": {
        "bookwhen/fastpath/compiled.py": "SQL that is written once",
    },
    r"ServerBindingCursor|RawCursor": {"bookwhen/fastpath/prepared.py": "statements that are planned once"},
    r"\bfrom_db\(": {
        "bookwhen/fastpath/compiled.py": "models from rows",
        "bookwhen/fastpath/rows.py": "models from JSON",
    },
    r"OrderedDict|WeakValueDictionary|LocMem": {"bookwhen/fastpath/known.py": "what a process knows"},
    r"(?m)^_?[A-Z_]+\b.*= (\{\}|dict\(\)|defaultdict\(.*\))$": {
        "accounts/email_writing.py": "how letters are written from facts, registered as the site starts",
        "accounts/imports/sources.py": "where lists come from, registered as the site starts",
        "accounts/operations/kinds.py": "the kinds of long jobs, registered as the site starts",
        "bookwhen/jobs/schedule.py": "the jobs, which register as their modules are imported",
        "bookwhen/payments/handlers.py": "what is compared with Stripe, registered as the site starts",
    },
    # Pure functions of their arguments: whatever they have said once stays true.
    r"\blru_cache\b": {
        "accounts/details.py": "the country of a time zone",
        "accounts/imports/tables/cells.py": "the day that a text names, for lists that name few",
        "bookwhen/database/base.py": "whether a statement only reads",
        "bookwhen/fastpath/prepared.py": "a statement as PostgreSQL reads it",
        "bookwhen/forms.py": "the error messages of a form’s class, in a language",
        "bookwhen/icons.py": "an icon as SVG",
        "bookwhen/money.py": "an amount as text, which Babel takes a millisecond for",
        "tickets/pictures/addresses.py": "a picture’s path",
        "tickets/calendar.py": "how clocks change in a time zone, as iCalendar",
        "tickets/public/schedule/metadata.py": "an entry’s path",
    },
    # What is the same for the life of a process.
    r"(?m)^from functools import (.*, )?cache(,|$)": {
        "accounts/choices.py": "what operators choose from",
        "accounts/usual_phones.py": "how a country writes phone numbers",
        "accounts/zones.py": "the names of time zones",
        "bookwhen/client_address.py": "a warning that is given once",
        "bookwhen/limits.py": "the connections to the cache",
        "bookwhen/payments/encryption.py": "a key that is derived from the site’s",
        "bookwhen/payments/transport.py": "the HTTP client of the process",
    },
}
"""Each trick as a pattern, with the only places where it may stand, and what for (docs/fast-path.md)."""


def sources() -> dict[str, str]:
    found = (path for name in OURS for path in sorted((ROOT / name).rglob("*.py")))
    inside = {str(path.relative_to(ROOT)): path.read_text() for path in found}
    return {
        path: text for path, text in inside.items() if "/migrations/" not in path and "bookwhen/sandbox/" not in path
    }


@pytest.mark.parametrize(("trick", "places"), TRICKS.items())
def test_a_trick_is_done_only_where_it_is_allowed(trick: str, places: dict[str, str]) -> None:
    assert {path for path, text in sources().items() if re.search(trick, text)} == set(places)
