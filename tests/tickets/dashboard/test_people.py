"""A customer's page: what it tells, what is done from there, and that it takes as much however much there is."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from time_machine import travel

from accounts.addresses import add_address
from accounts.details import PhoneError, change_details, phone_text, read_phone
from accounts.email_links import Subscriber
from accounts.models import AuditEntry, Customer, CustomerAddress, NewsSource
from accounts.reminders import stop_reminders
from groups.models import Group, Standing
from offers.extra import Gift, give_extra_uses
from offers.models import ExtraUses, Offer
from tests.accounts.letters import create_letter
from tests.browsing import form_fields, page_text
from tests.factories.accounts import AccountFactory, CustomerFactory
from tests.factories.schedule import (
    NOW,
    EntryFactory,
    GroupFactory,
    OfferFactory,
    add_member,
    book_member_place,
    create_customer_with_login,
)
from tests.worlds.dashboard import Dashboard, open_dashboard

pytestmark = pytest.mark.django_db

MOST = 40
"""How many statements a customer's page takes at most, its frame included."""


@pytest.fixture
def ada() -> Customer:
    return create_customer_with_login(AccountFactory.create(time_zone="Europe/London"), name="Ada")


@pytest.fixture
def at(ada: Customer) -> Dashboard:
    return open_dashboard(ada.account)


def fill(ada: Customer, group: Group, *, days: int) -> None:
    book_member_place(group, ada, days=days)
    create_letter(account=ada.account, recipient=ada.email, subject=f"Letter {days}")
    Customer.objects.bulk_create([Customer(account=ada.account, email=f"other{days}@example.org")])
    add_address(ada, f"ada{days}@example.org", now=NOW)


def statements(at: Dashboard, ada: Customer) -> int:
    at.get("customer", pk=ada.pk)
    with CaptureQueriesContext(connection) as asked:
        assert at.get("customer", pk=ada.pk).status_code == 200
    return len(asked)


def test_it_says_that_reminders_were_stopped_and_how(at: Dashboard, ada: Customer) -> None:
    assert "Stop reminders" not in page_text(at.get("customer", pk=ada.pk))
    stop_reminders(Subscriber(ada.account, ada.email), now=NOW)
    page = page_text(at.get("customer", pk=ada.pk))
    assert f"Reminders Stopped on 15 January 2030 ({ada.email}) They chose “Stop reminders”" in page


def test_it_takes_as_many_statements_for_three_of_everything_as_for_one(at: Dashboard, ada: Customer) -> None:
    with travel(NOW, tick=False):
        groups = [GroupFactory.create(account=ada.account) for _ in range(3)]
        member = add_member(groups[0], ada)
        fill(ada, groups[0], days=2)
        offer = Offer.objects.get(group=groups[0])
        give_extra_uses(offer, member, Gift(count=1, reason="Ill", on=NOW.date(), key=uuid4()), now=NOW)
        one = statements(at, ada)

        give_extra_uses(offer, member, Gift(count=1, reason="Ill", on=NOW.date(), key=uuid4()), now=NOW)
        for number, group in enumerate(groups[1:], start=3):
            add_member(group, ada)
            fill(ada, group, days=number)
        assert statements(at, ada) == one <= MOST


def test_what_it_tells(at: Dashboard, ada: Customer) -> None:
    group = GroupFactory.create(account=ada.account, name="Ten a month")
    member = add_member(group, ada, until=datetime(2030, 2, 1, tzinfo=UTC))
    with travel(NOW, tick=False):
        fill(ada, group, days=2)
        give_extra_uses(
            Offer.objects.get(), member, Gift(count=2, reason="Broken heating", on=NOW.date(), key=uuid4()), now=NOW
        )
        change_details(ada, phone="+442079460018", wants_news=True, now=NOW)
        text = page_text(at.get("customer", pk=ada.pk))
    for said in (
        "+44 20 7946 0018",
        ada.email,
        "ada2@example.org",
        "Since 15 January 2030 (noted by the team)",
        "Ten a month",
        "last day 31 January 2030",
        "1 of 5 used 4 of 5 left until ",
        "2 extra uses: Broken heating",
        "Class in 2",
        "Letter 2",
    ):
        assert said in text, said


# Phone numbers


@pytest.mark.parametrize(
    ("typed", "zone", "kept"),
    [
        ("020 7946 0018", "Europe/London", "+442079460018"),
        ("+44 (0)20 7946 0018", "Europe/London", "+442079460018"),
        ("030 / 901820", "Europe/Berlin", "+4930901820"),
        ("00 49 30 901820", "Europe/Berlin", "+4930901820"),
        ("+4930901820", "America/New_York", "+4930901820"),
        ("+4930901820", "UTC", "+4930901820"),
        ("(212) 555-2368", "America/New_York", "+12125552368"),
        ("", "Europe/London", ""),
        ("  ", "Europe/London", ""),
    ],
)
def test_a_number_is_kept_in_one_form(typed: str, zone: str, kept: str) -> None:
    assert read_phone(typed, time_zone=zone) == kept


@pytest.mark.parametrize("typed", ["12", "call me", "+999 1234567", "ada@example.org", "1" * 30, "\u202e+44"])
def test_what_is_no_number_is_refused_and_stays_in_its_box(at: Dashboard, ada: Customer, typed: str) -> None:
    with pytest.raises(PhoneError):
        read_phone(typed, time_zone="Europe/London")
    page = at.post("customer_name", {"name": "Ada", "phone": typed}, pk=ada.pk)
    assert (page.status_code, form_fields(page)["phone"]) == (422, typed)
    ada.refresh_from_db()
    assert ada.phone == ""


def test_a_number_reads_as_it_is_written() -> None:
    assert [phone_text(each) for each in ("+442079460018", "", "+4930901820")] == [
        "+44 20 7946 0018",
        "",
        "+49 30 901820",
    ]


@pytest.mark.parametrize("words", ["7946", "020 7946", "+44 20 7946 0018", "79460018", "(0)20 7946", "0018"])
def test_they_are_found_by_any_part_of_their_number(at: Dashboard, ada: Customer, words: str) -> None:
    change_details(ada, phone="+442079460018", wants_news=False, now=NOW)
    CustomerFactory.create(account=ada.account, name="Bea", phone="+442079461234")
    shown = page_text(at.get("customers", {"q": words}))
    assert "Ada" in shown
    assert ("Bea" in shown) == (words in {"7946", "020 7946", "(0)20 7946"})


@pytest.mark.parametrize("words", ["18", "+4", "no number 7946"])
def test_too_little_or_another_thing_finds_nobody_by_number(at: Dashboard, ada: Customer, words: str) -> None:
    change_details(ada, phone="+442079460018", wants_news=False, now=NOW)
    assert "No customers match" in page_text(at.get("customers", {"q": words}))


def test_they_are_found_by_any_address(at: Dashboard, ada: Customer) -> None:
    add_address(ada, "lovelace@elsewhere.example", now=NOW)
    assert "Ada" in page_text(at.get("customers", {"q": "lovelace@else"}))
    assert "Ada" in page_text(at.get("customers", {"q": "elsewhere"}))


# Details, the note, news


def test_a_note_is_saved_where_it_stands_and_is_for_the_team(at: Dashboard, ada: Customer) -> None:
    answer = at.post("customer_note", {"note": "Bad back"}, pk=ada.pk)
    assert answer["Location"] == f"{at.url('customer', pk=ada.pk)}#note"
    assert "Bad back</textarea>" in at.get("customer", pk=ada.pk).content.decode()
    page = at.post("customer_note", {"note": "x" * 2001}, pk=ada.pk)
    assert (page.status_code, f"{'x' * 2001}</textarea>" in page.content.decode()) == (422, True)
    assert [each.action for each in AuditEntry.objects.all()] == ["customer.note_changed"]


def test_consent_has_its_date_and_is_withdrawn_for_good(ada: Customer) -> None:
    change_details(ada, phone="", wants_news=True, now=NOW)
    change_details(ada, phone="", wants_news=True, now=NOW + timedelta(days=1))
    ada.refresh_from_db()
    assert (ada.news_since, ada.news_source, ada.news_ended_at) == (NOW, NewsSource.STUDIO, None)
    change_details(ada, phone="", wants_news=False, now=NOW + timedelta(days=2))
    ada.refresh_from_db()
    assert (ada.news_since, ada.news_source, ada.news_ended_at) == (None, "", NOW + timedelta(days=2))


# Addresses


def test_an_address_is_added_made_the_main_one_and_removed(at: Dashboard, ada: Customer) -> None:
    first = ada.email
    at.post("customer_addresses", {"email": "New@Example.org"}, pk=ada.pk)
    added = CustomerAddress.objects.get(email="new@example.org")
    at.post("customer_address_main", pk=ada.pk, address=added.pk)
    ada.refresh_from_db()
    assert (ada.email, ada.other_addresses) == ("new@example.org", first)
    at.post("customer_address_remove", pk=ada.pk, address=added.pk)
    assert "main address" in page_text(at.get("customer_addresses", pk=ada.pk))
    at.post("customer_address_remove", pk=ada.pk, address=ada.addresses.get(email=first).pk)
    assert list(ada.addresses.values_list("email", flat=True)) == ["new@example.org"]


def test_it_says_which_addresses_they_confirmed_once_they_came(at: Dashboard, ada: Customer) -> None:
    add_address(ada, "second@example.org", now=NOW)
    text = page_text(at.get("customer", pk=ada.pk))
    assert f"Email {ada.email} Confirmed second@example.org Edit addresses" in text
    assert f"{ada.email} Confirmed Main address" in page_text(at.get("customer_addresses", pk=ada.pk))

    Customer.objects.filter(pk=ada.pk).update(seen_at=None)
    assert "Confirmed" not in page_text(at.get("customer", pk=ada.pk))


def test_an_address_of_another_customer_leads_to_them(at: Dashboard, ada: Customer) -> None:
    bea = CustomerFactory.create(account=ada.account, email="bea@example.org", name="Bea <b>")
    page = at.post("customer_addresses", {"email": "bea@example.org"}, pk=ada.pk)
    assert page.status_code == 422
    assert f'<a href="{at.url("customer", pk=bea.pk)}"><bdi>Bea &lt;b&gt;</bdi></a>' in page.content.decode()


def test_addresses_of_other_customers_are_out_of_reach(at: Dashboard, ada: Customer) -> None:
    other = CustomerFactory.create(account=ada.account)
    address = other.addresses.get()
    for name in ("customer_address_main", "customer_address_remove"):
        assert at.post(name, pk=ada.pk, address=address.pk).status_code == 404


# Groups


@pytest.fixture
def group(ada: Customer) -> Group:
    EntryFactory.create(page__account=ada.account)
    return GroupFactory.create(account=ada.account, name="Trial week")


def test_added_until_a_day_in_the_studios_time_zone(at: Dashboard, ada: Customer, group: Group) -> None:
    with travel(datetime(2030, 7, 1, 12, tzinfo=UTC), tick=False):
        at.post("customer_group_add", {"group": group.pk, "last_day": "2030-07-07"}, pk=ada.pk)
        assert Standing.objects.get().until == datetime(2030, 7, 7, 23, tzinfo=UTC)
        member = ada.group_members.get()
        page = at.get("customer_group_end", pk=ada.pk, member=member.pk)
        assert form_fields(page)["last_day"] == "2030-07-07"
        at.post("customer_group_end", {"last_day": ""}, pk=ada.pk, member=member.pk)
        assert Standing.objects.get().until is None


def test_a_day_that_is_over_is_refused(at: Dashboard, ada: Customer, group: Group) -> None:
    with travel(datetime(2030, 7, 7, 22, 30, tzinfo=UTC), tick=False):
        assert (
            at.post("customer_group_add", {"group": group.pk, "last_day": "2030-07-06"}, pk=ada.pk).status_code == 422
        )
        at.post("customer_group_add", {"group": group.pk, "last_day": "2030-07-07"}, pk=ada.pk)
    assert Standing.objects.get().until == datetime(2030, 7, 7, 23, tzinfo=UTC)


def test_many_are_added_until_a_day(at: Dashboard, ada: Customer, group: Group) -> None:
    day = date(timezone.now().year + 1, 1, 7)
    at.post("customers_add", {"emails": "x@example.org y@example.org", "last_day": day.isoformat()}, pk=group.pk)
    ends = {each.until for each in Standing.objects.filter(member__group=group)}
    assert ends == {datetime(day.year, 1, 8, tzinfo=UTC)}


def test_groups_of_another_account_are_out_of_reach(at: Dashboard, ada: Customer) -> None:
    elsewhere = GroupFactory.create()
    assert at.post("customer_group_add", {"group": elsewhere.pk}, pk=ada.pk).status_code == 422
    theirs = add_member(GroupFactory.create(account=ada.account), CustomerFactory.create(account=ada.account))
    assert at.get("customer_group_end", pk=ada.pk, member=theirs.pk).status_code == 404


def test_extra_uses_are_given_once_a_form_and_taken_back(at: Dashboard, ada: Customer, group: Group) -> None:
    member, offer = add_member(group, ada), OfferFactory.create(group=group, limit=3)
    there = {"pk": ada.pk, "member": member.pk, "offer": offer.pk}
    with travel(NOW, tick=False):
        sent = {**form_fields(at.get("customer_uses", None, **there)), "count": "2", "reason": "Ill"}
        assert sent["on"] == "2030-01-15"
        at.post("customer_uses", sent, **there)
        at.post("customer_uses", sent, **there)
        [extra] = ExtraUses.objects.all()
        assert (extra.count, extra.reason, extra.on) == (2, "Ill", date(2030, 1, 15))
        at.post("customer_uses_take_back", pk=ada.pk, extra=extra.pk)
    extra.refresh_from_db()
    assert extra.ended_at == NOW
    assert [each.action for each in AuditEntry.objects.order_by("pk")] == ["uses.given", "uses.taken_back"]


@pytest.mark.parametrize(
    "wrong", [{"count": "0"}, {"count": "101"}, {"count": ""}, {"reason": ""}, {"on": "soon"}, {"on": "2030-01-14"}]
)
def test_what_makes_no_sense_gives_nothing(at: Dashboard, ada: Customer, group: Group, wrong: dict[str, str]) -> None:
    member, offer = add_member(group, ada), OfferFactory.create(group=group, limit=3)
    sent = {"count": "2", "reason": "Ill", "on": "2030-01-15", "key": str(uuid4())}
    with travel(NOW, tick=False):
        page = at.post("customer_uses", sent | wrong, pk=ada.pk, member=member.pk, offer=offer.pk)
    assert (page.status_code, ExtraUses.objects.count()) == (422, 0)


def test_booking_leads_to_the_entry_with_the_customer_chosen(at: Dashboard, ada: Customer) -> None:
    entry = EntryFactory.create(page__account=ada.account, title="Yoga")
    with travel(NOW, tick=False):
        page = at.get("customer_book", pk=ada.pk)
        assert f"{at.url('entry_book', pk=entry.pk)}?customer={ada.pk}" in page.content.decode()
        assert "No entries match" in page_text(at.get("customer_book", {"q": "Pilates"}, pk=ada.pk))
