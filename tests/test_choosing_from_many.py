"""Forms and lists that offer what a studio may have any number of: they take of thousands what they take of a few."""

import re
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import pytest

from accounts.models import ListImport
from groups.models import Group
from memberships.dashboard.importing.forms import OPTIONS_SHOWN, PRODUCTS_SHOWN
from memberships.models import Membership
from offers.models import Offer
from tests.browsing import open_browser, page_text
from tests.offers.dashboard import offer_form
from tests.plans import empty, reading, run
from tests.worlds.full_studio import FullStudio
from tickets.models import Entry, Seat, Ticket
from tickets.schedule.coverage import coverage_of

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

FEW: Final = 3
PLENTY: Final = 60
"""More than is shown at a time."""
MANY: Final = 3_000
MORE: Final = (
    """
    INSERT INTO accounts_schedulepage (account_id, slug, title, description, accent, created_at)
    SELECT %(account)s, 'page-' || %(account)s || '-' || i, 'Page ' || i, '', accent, now()
    FROM generate_series(1, %(number)s) AS i, accounts_schedulepage WHERE id = %(page)s
    """,
    """
    INSERT INTO tickets_ticket (name, description, exclusive, shown, cost, price, closes_minutes_before, position,
        created_at, account_id, series_id)
    SELECT 'Place ' || i, '', false, true, 'free', 0, 0, 1, now(), %(account)s, %(series)s
    FROM generate_series(1, %(number)s) AS i
    """,
    """
    WITH made AS (
        INSERT INTO groups_group (account_id, name, description, key, created_at)
        SELECT %(account)s, 'Club ' || i, '', gen_random_uuid(), now() FROM generate_series(1, %(number)s) AS i
        RETURNING id, name
    ), sold AS (
        INSERT INTO memberships_membership (
            account_id, group_id, title, description, published, product, key, created_at
        ) SELECT %(account)s, id, name, '', true, '', gen_random_uuid(), now() FROM made RETURNING id
    )
    INSERT INTO memberships_price (account_id, membership_id, uuid, title, amount, currency, interval, interval_count,
        trial_days, published, stripe_id, amount_known, created_at)
    SELECT %(account)s, id, gen_random_uuid(), 'Monthly', 4000, 'GBP', 'month', 1, 0, true, '', true, now() FROM sold
    """,
    "ANALYZE accounts_schedulepage, tickets_ticket, groups_group, memberships_membership, memberships_price",
)
PAGES: Final = (
    "discount-codes/new/",
    "discount-codes/{discount-codes}/",
    "groups/{groups}/offers/{offer}/",
    "memberships/",
    "memberships/import/{import}/products/",
    "memberships/new/",
    "schedule/new/",
    "schedule/{schedule}/book/",
    "subscriptions/{subscriptions}/change/",
)


class Studio(FullStudio):
    """One with so many pages, tickets at one entry, groups, and memberships with a price each."""

    def __init__(self, number: int) -> None:
        super().__init__()
        entry = Entry.objects.get(pk=self.by_folder["schedule"])
        given = {"account": self.account.pk, "page": entry.page_id, "series": entry.series_id, "number": number}
        run(*MORE, **given)
        run("ANALYZE accounts_schedulepage, groups_group, memberships_membership, memberships_price, tickets_ticket")
        self.browser: Client = open_browser(self.staff.user)
        self.ids: dict[str, Any] = {**self.by_folder, "offer": self.values["int:offer"]}

    def address(self, page: str) -> str:
        return f"/dashboard/{self.account.slug}/{page.format(**self.ids)}"

    def open(self, page: str, **asked: str) -> Any:
        return self.browser.get(self.address(page), asked)

    def send(self, page: str, form: dict[str, Any]) -> Any:
        return self.browser.post(self.address(page), form)


@pytest.mark.usefixtures("_at_noon")
@pytest.mark.parametrize("page", PAGES)
def test_a_page_takes_of_thousands_what_it_takes_of_a_few(page: str) -> None:
    empty("accounts_account")
    asked, sizes = [], []
    for number in (FEW, MANY // 3, MANY):
        studio = Studio(number)
        studio.open(page)
        with reading() as read:
            response = studio.open(page)
        assert response.status_code == 200
        asked.append((len(read.statements), sum(read.blocks)))
        sizes.append(len(response.content))

    statements, blocks = zip(*asked, strict=True)
    assert len(set(statements)) == 1
    assert blocks[2] < 1.3 * blocks[1] + 150, asked
    assert sizes[2] < 1.1 * sizes[1]


@pytest.mark.usefixtures("_at_noon")
def test_an_entry_is_made_on_any_page_and_only_on_one_of_the_studio() -> None:
    studio, other = Studio(PLENTY), FullStudio()
    last = studio.account.pages.get(title="Page 60")
    form = {
        "title": "Yoga", "date": "2030-02-01", "start": "18:00", "end": "19:00", "capacity": "10", "per_booking": "2",
        "key": str(uuid4()),
    }  # fmt: skip
    made = Entry.objects.filter(page__account=studio.account, title="Yoga")

    assert ticked(studio.open("schedule/new/"), "page") == [str(studio.account.pages.earliest("pk").pk)]
    found = studio.send("schedule/new/", form | {"page-find": "page 60", "page-look": "1"})
    assert (found.status_code, radios(found, "page")) == (200, [str(last.pk)])
    assert (ticked(found, "title"), made.count(), errors_of(found)) == (["Yoga"], 0, {})
    assert errors_of(studio.send("schedule/new/", form)) == {"page": ["Choose one for “Schedule page”"]}
    foreign = other.account.pages.get().pk
    for wrong in (foreign, 0, "x", "1" * 30):
        refused = studio.send("schedule/new/", form | {"page": wrong})
        assert errors_of(refused) == {"page": ["Choose one from the list for “Schedule page”"]}
    assert studio.send("schedule/new/", form | {"page": last.pk}).status_code == 302
    assert [entry.page for entry in made] == [last]


@pytest.mark.usefixtures("_at_noon")
def test_any_ticket_is_booked_by_hand() -> None:
    studio = Studio(PLENTY)
    last = Ticket.objects.get(account=studio.account, name="Place 60")
    form = {"email": "ada@example.org", "name": "Ada", "attendees": "", "key": str(uuid4())}

    found = studio.send("schedule/{schedule}/book/", form | {"ticket-find": "place 60", "ticket-look": "1"})
    assert (found.status_code, radios(found, "ticket"), errors_of(found)) == (200, [str(last.pk)], {})
    assert ticked(found, "email") == ["ada@example.org"]
    assert studio.send("schedule/{schedule}/book/", form | {"ticket": last.pk}).status_code == 302
    assert Seat.objects.get(ticket=last).attendee_name == "Ada"


@pytest.mark.usefixtures("_at_noon")
def test_an_offer_covers_pages_that_are_shown_and_others() -> None:
    studio = Studio(PLENTY)
    offer, group = Offer.objects.get(pk=studio.ids["offer"]), Group.objects.get(pk=studio.ids["groups"])
    was = coverage_of(offer).pages
    last = studio.account.pages.get(title="Page 60")
    page, form = "groups/{groups}/offers/{offer}/", offer_form(group, pages=None)

    found = studio.send(page, form | {"pages-find": "page 60", "pages-look": "1"})
    assert (found.status_code, coverage_of(offer).pages, errors_of(found)) == (200, was, {})
    assert studio.send(page, form | {"pages": [last.pk], "pages-shown": [last.pk]}).status_code == 302
    assert coverage_of(offer).pages == {*was, last.pk}
    assert studio.send(page, form | {"pages": [], "pages-shown": list(was)}).status_code == 302
    assert coverage_of(offer).pages == {last.pk}
    refused = studio.send(page, form | {"pages": [], "pages-shown": [last.pk]})
    assert errors_of(refused) == {"pages": ["Choose at least one schedule page"]}
    assert coverage_of(offer).pages == {last.pk}


def test_a_membership_is_changed_to_any_other() -> None:
    studio = Studio(PLENTY)
    last = Membership.objects.get(account=studio.account, title="Club 60")
    page = "subscriptions/{subscriptions}/change/"

    assert (
        titles(studio.open(page))
        == [*Membership.objects.filter(title__startswith="Club").values_list("title", flat=True)][:50]
    )
    assert titles(studio.open(page, q="club 60")) == [last.title]
    assert "Nothing matches" in page_text(studio.open(page, q="nothing like it"))


def test_a_product_becomes_any_membership_or_one_for_any_group() -> None:
    studio = Studio(PLENTY)
    last = Membership.objects.get(account=studio.account, title="Club 60")
    page = "memberships/import/{import}/products/"
    operation = ListImport.objects.get(account=studio.account, source="stripe")

    plain = studio.open(page).content.decode()
    assert plain.count('value="membership:') == OPTIONS_SHOWN
    assert plain.count('value="new:') == OPTIONS_SHOWN
    found = studio.send(page, {"product_0": "leave", "find": "club 60", "look": "1"})
    assert (found.status_code, errors_of(found)) == (200, {})
    html = found.content.decode()
    assert re.findall(r'value="(?:membership|new):\d+"', html) == [
        f'value="membership:{last.pk}"', f'value="new:{last.group_id}"',
    ]  # fmt: skip
    assert 'value="leave" selected' in html
    assert studio.send(page, {"product_0": f"membership:{last.pk}"}).status_code == 302
    operation.refresh_from_db()
    assert operation.mapping["choices"] == {"product:prod_1": f"membership:{last.pk}"}


def test_products_come_a_page_at_a_time_and_what_was_chosen_for_others_stays() -> None:
    studio = Studio(FEW)
    imported = ListImport.objects.get(account=studio.account, source="stripe")
    (line,) = imported.found["prices"]
    products = [f"prod_{number:02}" for number in range(PRODUCTS_SHOWN + 2)]
    imported.found = {
        "products": {each: f"Product {each}" for each in products},
        "prices": [{**line, "product": each, "price": f"price_{each}"} for each in products],
    }
    imported.mapping = {"choices": {"product:prod_00": "new", "product:prod_26": "new"}}
    imported.save()
    page = "memberships/import/{import}/products/"

    first, second = studio.open(page), studio.open(page, **{"from": str(PRODUCTS_SHOWN)})
    assert [len(each.context["form"].product_rows) for each in (first, second)] == [PRODUCTS_SHOWN, 2]
    assert [f"?from={PRODUCTS_SHOWN}" in each.content.decode() for each in (first, second)] == [True, True]
    for odd in ("-1", "x", "999999", "9" * 5000, "²"):
        assert studio.open(page, **{"from": odd}).context["form"].start == 0
    sent = studio.browser.post(
        f"{studio.address(page)}?from={PRODUCTS_SHOWN}", {"product_25": "leave", "product_26": "leave"}
    )
    assert sent.status_code == 302
    imported.refresh_from_db()
    assert imported.mapping["choices"] == {
        "product:prod_00": "new", "product:prod_25": "leave", "product:prod_26": "leave",
    }  # fmt: skip


def radios(page: Any, name: str) -> list[str]:
    """What can be chosen of one field."""
    return re.findall(rf'<input type="radio" name="{name}" value="([^"]*)"', page.content.decode())


def ticked(page: Any, name: str) -> list[str]:
    """What the fields of a name hold as they are shown."""
    inputs = re.findall(rf'<input[^>]* name="{name}"[^>]*>', page.content.decode())
    chosen = [each for each in inputs if "radio" not in each or " checked" in each]
    return [value for each in chosen for value in re.findall(r'value="([^"]*)"', each)]


def errors_of(page: Any) -> dict[str, list[str]]:
    return dict(page.context["form"].errors)


def titles(page: Any) -> list[str]:
    return [each.membership.title for each in page.context["choices"]]
