"""*Check access*: what is mended by one click, for whom, and back to the answer; and at any moment one chooses."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

from accounts.models import AuditEntry, Plan, Role, Staff
from groups.models import Group, Member
from offers.models import ExtraUses, Offer
from tests.browsing import page_text, shown_messages
from tests.factories.accounts import CustomerFactory
from tests.factories.schedule import NOW, EntryFactory, GroupFactory, OfferFactory
from tests.fuzz.forms import read_forms
from tests.offers.test_dashboard_check import CheckedStudio
from tickets.models import Coverage, EntryPlaces, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]


@pytest.fixture
def studio() -> CheckedStudio:
    return CheckedStudio()


def cures(studio: CheckedStudio) -> list[dict[str, Any]]:
    """The forms of the cures on the page, as they are sent."""
    page = studio.check(moment="2030-01-15T13:00").content.decode()
    forms = [form for form in read_forms(page, "/x/") if form.path.endswith("/check-access/cure/")]
    return [{name: values[0] for name, values in form.fields.items()} for form in forms]


def press(studio: CheckedStudio, sent: dict[str, Any]) -> Any:
    answer = studio.dashboard.post("access_cure", sent)
    asked = {name: value[0] for name, value in parse_qs(urlparse(answer["Location"]).query).items()}
    assert asked == {
        "customer": str(sent["customer"]), "at": f"{studio.entry.pk}-{studio.ticket.pk}", "moment": "2030-01-15T13:00",
    }  # fmt: skip
    return studio.dashboard.client.get(answer["Location"])


def test_somebody_is_added_to_the_group_and_can_book(studio: CheckedStudio) -> None:
    studio.customers[0] = CustomerFactory.create(account=studio.account, name="Otto", email="otto@example.org")

    page = press(studio, cures(studio)[0])

    assert shown_messages(page) == ["Otto was added to “Members”."]
    assert "Can book" in page_text(page)
    assert Member.objects.filter(customer=studio.customer, group=studio.group).exists()
    assert [each.action for each in AuditEntry.objects.all()] == ["customers.added"]


def test_a_disabled_offer_is_enabled(studio: CheckedStudio) -> None:
    Offer.objects.update(enabled=False)

    page = press(studio, cures(studio)[0])

    assert (shown_messages(page), Offer.objects.get().enabled) == (["Offer enabled"], True)
    assert "Can book" in page_text(page)


def test_the_ticket_is_included_beside_what_the_offer_includes(studio: CheckedStudio) -> None:
    other = studio.account.pages.create(title="Other", slug="other")
    Coverage.objects.update(page=other)

    page = press(studio, cures(studio)[0])

    assert "Can book" in page_text(page)
    assert {(each.page, each.ticket) for each in Coverage.objects.all()} == {(other, None), (None, studio.ticket)}


def test_a_group_without_an_offer_gets_one_for_just_this_ticket_once(studio: CheckedStudio) -> None:
    Offer.objects.all().delete()
    [sent] = cures(studio)[:1]

    pages = [press(studio, sent), press(studio, sent)]

    offer = Offer.objects.get()
    assert (offer.enabled, offer.limit, offer.audience) == (True, None, "personal")
    covered = Coverage.objects.get()
    assert (covered.page, covered.ticket) == (None, studio.ticket)
    assert "Can book" in page_text(pages[1])


def test_who_has_used_up_an_allowance_is_given_one_more_use_once(studio: CheckedStudio) -> None:
    for days in (3, 4):
        series, starts = studio.entry.series, NOW + timedelta(days=days)
        studio.book_at(EntryFactory.create(page=studio.page, series=series, title="Day", starts_at=starts))
    sent = next(each for each in cures(studio) if each["cure"] == "extra")

    pages = [press(studio, sent), press(studio, sent)]

    assert shown_messages(pages[0]) == ["They have one more use in the period of this event."]
    assert "Can book" in page_text(pages[1])
    assert (ExtraUses.objects.get().count, ExtraUses.objects.get().reason) == (1, "To book “Yoga”")


@pytest.mark.parametrize("who", ["another studio’s group", "a group the ticket isn’t for", "nobody", "archived"])
def test_nobody_is_added_to_a_group_that_the_ticket_is_not_for(studio: CheckedStudio, who: str) -> None:
    studio.customers[0] = CustomerFactory.create(account=studio.account)
    [sent] = cures(studio)[:1]
    others = {
        "another studio’s group": GroupFactory.create().pk,
        "a group the ticket isn’t for": GroupFactory.create(account=studio.account).pk,
        "nobody": "x",
    }
    if who == "archived":
        Group.objects.update(archived_at="2030-01-01T00:00Z")
    before = Member.objects.count()

    page = press(studio, sent | {"in": others.get(who, studio.group.pk)})

    assert shown_messages(page) == ["Something changed meanwhile. This is how it is now."]
    assert Member.objects.count() == before


def test_an_offer_of_another_studio_is_not_enabled(studio: CheckedStudio) -> None:
    theirs = OfferFactory.create(group=GroupFactory.create(), enabled=False)
    Offer.objects.filter(pk=studio.offer.pk).update(enabled=False)

    press(studio, cures(studio)[0] | {"offer": theirs.pk})

    assert not Offer.objects.filter(enabled=True).exists()


def test_below_standard_nothing_is_mended(studio: CheckedStudio) -> None:
    Offer.objects.update(enabled=False)
    [sent] = cures(studio)[:1]
    studio.account.plan = Plan.FREE
    studio.account.save(update_fields=["plan"])

    assert (studio.dashboard.post("access_cure", sent).status_code, Offer.objects.get().enabled) == (403, False)


def test_what_cannot_be_asked_leads_back_to_the_page(studio: CheckedStudio) -> None:
    for sent in ({}, {"cure": "x", "customer": "1", "at": "1-1"}, {"at": "a-b", "customer": "٣", "cure": "add"}):
        answer = studio.dashboard.post("access_cure", sent)
        assert (answer.status_code, urlparse(answer["Location"]).path) == (302, studio.dashboard.url("check_access"))


@pytest.mark.parametrize(
    ("moment", "answer"),
    [
        ("", "Can book"),
        ("2029-11-01T09:00", "Only members can book this ticket."),
        ("2030-01-18T09:00", "This event has already started."),
        ("2030-13-99T99:99", "Can book"),
        ("2030-01-01T09:00Z", "Can book"),
        ("0001-01-01T00:00", "Can book"),
        ("9999-12-31T23:59", "Can book"),
        ("x", "Can book"),
    ],
)
def test_it_is_answered_for_the_moment_that_is_chosen(studio: CheckedStudio, moment: str, answer: str) -> None:
    page = studio.check(moment=moment)

    assert (page.status_code, answer in page_text(page)) == (200, True)
    kept = "" if answer == "Can book" else moment
    assert f'id="moment" value="{kept}"' in page.content.decode()


def test_a_ticket_is_put_on_sale_now_or_kept_on_sale(studio: CheckedStudio) -> None:
    Ticket.objects.update(opens_minutes_before=60)
    page = press(studio, cures(studio)[0])
    assert shown_messages(page) == ["Ticket on sale"]
    assert ("Can book" in page_text(page), Ticket.objects.get(pk=studio.ticket.pk).opens_minutes_before) == (True, None)

    Ticket.objects.update(closes_minutes_before=10**5)
    page = press(studio, cures(studio)[0])
    assert ("Can book" in page_text(page), Ticket.objects.get(pk=studio.ticket.pk).closes_minutes_before) == (True, 0)
    assert {each.action for each in AuditEntry.objects.all()} == {"ticket.changed"}


def test_a_full_entry_gets_one_space_however_often_it_is_pressed(studio: CheckedStudio) -> None:
    EntryPlaces.objects.filter(entry=studio.entry).update(capacity=0)
    [sent] = cures(studio)
    page = press(studio, sent)
    assert (shown_messages(page), "Can book" in page_text(page)) == (["One space added"], True)
    assert shown_messages(press(studio, sent)) == ["Something changed meanwhile. This is how it is now."]
    assert EntryPlaces.objects.get(entry=studio.entry).capacity == 1
    assert AuditEntry.objects.get().action == "entry.changed"


def test_no_space_is_added_where_others_wait_for_it(studio: CheckedStudio) -> None:
    EntryPlaces.objects.filter(entry=studio.entry).update(capacity=0, waiting=1)
    assert cures(studio) == []
    page = page_text(studio.check(moment="2030-01-15T13:00"))
    assert "Others are on the waiting list: a space that you add is offered to them first." in page


def test_who_may_not_change_the_schedule_books_for_them_instead(studio: CheckedStudio) -> None:
    EntryPlaces.objects.filter(entry=studio.entry).update(capacity=0)
    [sent] = cures(studio)
    Staff.objects.filter(account=studio.account).update(role=Role.BOOKINGS_ADMIN)
    assert cures(studio) == []
    page = studio.check(moment="2030-01-15T13:00").content.decode()
    assert f'/schedule/{studio.entry.pk}/book/?customer={studio.customer.pk}"' in page
    assert "Tickets &amp; Costs" not in page
    assert shown_messages(press(studio, sent)) == ["Something changed meanwhile. This is how it is now."]
    assert EntryPlaces.objects.get(entry=studio.entry).capacity == 0


def test_a_ticket_is_found_by_typing_its_entrys_title(studio: CheckedStudio) -> None:
    page = studio.check(at="", find="yog").content.decode()
    assert f"at={studio.entry.pk}-{studio.ticket.pk}" in page
    assert "<select" not in page
    assert "Yoga · Member place" in page_text(studio.check(at="", find="yog"))
