"""*Receipts and VAT*: numbered receipts are turned on, what they say of the business, and the rates of VAT."""

from typing import Any

import pytest

from accounts.models import Account, AuditEntry, Deed
from tests.browsing import page_text, shown_messages
from tests.factories.schedule import NOW, TicketFactory
from tests.tickets.dashboard.test_sale import ticket_form
from tests.worlds.dashboard import Dashboard
from tickets.models import Entry, ReceiptCounter, ReceiptSettings, Ticket, VatRate
from tickets.schedule.catalogue import create_ticket, ticket_terms

BUSINESS = {
    "business_name": "River Studio Ltd",
    "business_address": "1 Mill Lane\nLeeds",
    "vat_number": "GB 123 4567 89",
    "rate": "20",
    "number_prefix": "R-",
    "first_number": "501",
}


def rate_of(account: Account, name: str = "Standard", basis_points: int = 2000) -> VatRate:
    return VatRate.objects.create(account=account, name=name, basis_points=basis_points)


def registered(account: Account, **given: Any) -> ReceiptSettings:
    """The account charges VAT, and numbers its receipts."""
    ReceiptCounter.objects.create(account=account)
    said = {"business_name": "River Ltd", "business_address": "1 Mill Lane", "vat_number": "GB123", "is_on": True}
    return ReceiptSettings.objects.create(account=account, **said | given)


def test_numbered_receipts_are_turned_on_by_one_form(dashboard: Dashboard, studio: Account) -> None:
    page = dashboard.get("receipt_settings")
    assert "There are no gaps between the numbers." in page_text(page)
    assert page.context["form"]["business_name"].value() == "River Studio"

    answer = dashboard.post("receipt_settings", BUSINESS)

    assert answer.status_code == 302
    assert shown_messages(answer) == ["Numbered receipts are on. Every payment from now on gets one."]
    rate = VatRate.objects.get(account=studio)
    assert (rate.name, rate.basis_points, str(rate)) == ("Standard", 2000, "Standard (20%)")
    saved = ReceiptSettings.objects.get(account=studio)
    assert (saved.is_on, saved.business_name, saved.prefix) == (True, "River Studio Ltd", "R-")
    assert (saved.business_address, saved.default_rate) == ("1 Mill Lane\nLeeds", rate)
    counter = ReceiptCounter.objects.get(account=studio)
    assert (counter.first, counter.last, counter.has_begun) == (501, 500, False)
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        Deed.VAT_RATE_ADDED,
        Deed.RECEIPTS_CHANGED,
    ]
    assert "The next one is number R-501." in page_text(dashboard.get("receipt_settings"))


def test_sent_twice_the_form_adds_one_rate(dashboard: Dashboard) -> None:
    dashboard.post("receipt_settings", BUSINESS)
    dashboard.post("receipt_settings", BUSINESS)

    assert VatRate.objects.count() == ReceiptSettings.objects.count() == 1
    assert ReceiptSettings.objects.get().default_rate == VatRate.objects.get()
    assert AuditEntry.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"business_name": ""}, {"business_name": ["Enter the business name"]}),
        ({"business_address": " "}, {"business_address": ["Enter the business address"]}),
        ({"vat_number": "no?"}, {"vat_number": ["Enter a VAT number like GB 123 4567 89"]}),
        ({"rate": ""}, {"rate": ["Enter the VAT rate of your tickets, such as 20. Enter 0 if it’s none."]}),
        ({"rate": "51"}, {"rate": ["Enter 50 or less for “VAT rate of your tickets”"]}),
        ({"rate": "5.555"}, {"rate": ["Use at most 2 digits after the decimal point for “VAT rate of your tickets”"]}),
        ({"first_number": "0"}, {"first_number": ["Enter 1 or more for “First number”"]}),
        ({"first_number": "x"}, {"first_number": ["Enter a whole number for “First number”"]}),
    ],
)
def test_what_cannot_be_is_refused_and_kept(
    change: dict[str, str], errors: dict[str, list[str]], dashboard: Dashboard
) -> None:
    answer = dashboard.post("receipt_settings", BUSINESS | change)

    assert answer.status_code == 422
    assert dict(answer.context["form"].errors) == errors
    assert answer.context["form"]["number_prefix"].value() == "R-"
    assert not ReceiptSettings.objects.exists()


def test_without_a_vat_number_no_rate_is_asked_for(dashboard: Dashboard) -> None:
    dashboard.post("receipt_settings", BUSINESS | {"vat_number": "", "rate": "lots"})

    assert ReceiptSettings.objects.get().is_on
    assert not VatRate.objects.exists()


def test_once_a_receipt_was_issued_the_numbers_are_fixed(dashboard: Dashboard, studio: Account) -> None:
    registered(studio, prefix="A")
    ReceiptCounter.objects.update(last=7)

    page = dashboard.get("receipt_settings")
    dashboard.post("receipt_settings", BUSINESS)

    assert "number_prefix" not in page.context["form"].fields
    assert "The next one is number A8." in page_text(page)
    assert ReceiptSettings.objects.get().prefix == "A"
    assert ReceiptCounter.objects.get().last == 7


@pytest.mark.parametrize(("points", "name"), [(2000, "Standard"), (1900, "Standard 20%")])
def test_the_rate_that_is_typed_is_charged_though_its_name_was_used_before(
    dashboard: Dashboard, studio: Account, points: int, name: str
) -> None:
    former = rate_of(studio, basis_points=points)
    VatRate.objects.filter(pk=former.pk).update(retired_at=NOW)

    for _ in range(2):
        dashboard.post("receipt_settings", BUSINESS)

    saved = ReceiptSettings.objects.select_related("default_rate").get(account=studio).default_rate
    assert saved
    assert (saved.name, saved.basis_points, saved.retired_at) == (name, 2000, None)


def test_turning_off_says_what_happens_and_keeps_everything(dashboard: Dashboard, studio: Account) -> None:
    registered(studio, prefix="A")
    ReceiptCounter.objects.update(last=7)

    page = dashboard.get("receipts_off")
    answer = dashboard.post("receipts_off")

    assert "If you turn them on again, the numbers continue with A8." in page_text(page)
    assert shown_messages(answer) == ["Numbered receipts are off"]
    assert not ReceiptSettings.objects.get().is_on
    assert ReceiptSettings.objects.get().business_name == "River Ltd"
    assert AuditEntry.objects.get().changes == [["Numbered receipts", "yes", "no"]]


# Rates


def test_a_rate_is_added_and_changed(dashboard: Dashboard, studio: Account) -> None:
    dashboard.post("vat_rate_new", {"name": "Reduced", "rate": "5.5%"})
    rate = VatRate.objects.get(account=studio)
    assert (rate.basis_points, rate.percentage) == (550, "5.5%")

    form = dashboard.get("vat_rate_edit", pk=rate.pk).context["form"]
    assert form["rate"].value() == "5.5"
    answer = dashboard.post("vat_rate_edit", {"name": "Reduced", "rate": "6"}, pk=rate.pk)

    assert shown_messages(answer) == ["VAT rate saved"]
    rate.refresh_from_db()
    assert rate.basis_points == 600
    assert AuditEntry.objects.latest("pk").changes == [["Rate", "5.5%", "6%"]]


def test_two_rates_have_two_names(dashboard: Dashboard, studio: Account) -> None:
    rate_of(studio, "Standard", 2000)
    other = rate_of(studio, "Reduced", 500)

    for answer in (
        dashboard.post("vat_rate_new", {"name": "Standard", "rate": "21"}),
        dashboard.post("vat_rate_edit", {"name": "Standard", "rate": "5"}, pk=other.pk),
    ):
        assert answer.status_code == 422
        assert "You already have a rate called this." in page_text(answer)
    assert VatRate.objects.count() == 2


def test_a_retired_rate_stays_on_its_tickets_or_they_get_another(
    dashboard: Dashboard, studio: Account, entry: Entry
) -> None:
    standard, reduced = rate_of(studio), rate_of(studio, "Reduced", 500)
    kept = TicketFactory.create(entry=entry, vat_rate=reduced)

    assert "Keep Reduced (5%)" in page_text(dashboard.get("vat_rate_retire", pk=reduced.pk))
    dashboard.post("vat_rate_retire", pk=reduced.pk)
    kept.refresh_from_db()
    assert kept.vat_rate == reduced
    dashboard.post("vat_rate_restore", pk=reduced.pk)
    answer = dashboard.post("vat_rate_retire", {"instead": standard.pk}, pk=reduced.pk)

    kept.refresh_from_db()
    assert kept.vat_rate == standard
    assert shown_messages(answer)[-1] == "VAT rate retired. 1 ticket has another one now."
    reduced.refresh_from_db()
    assert reduced.retired_at is not None


def test_the_default_rate_is_not_retired(dashboard: Dashboard, studio: Account) -> None:
    rate = rate_of(studio)
    registered(studio, default_rate=rate)

    answer = dashboard.post("vat_rate_retire", pk=rate.pk)

    assert answer.status_code == 422
    assert "Choose another default first." in page_text(answer)


# Tickets


def test_a_ticket_has_the_rate_that_was_chosen_for_it(dashboard: Dashboard, studio: Account, entry: Entry) -> None:
    registered(studio, default_rate=rate_of(studio))
    reduced = rate_of(studio, "Reduced", 500)

    form = dashboard.get("ticket_create", pk=entry.pk).context["form"]
    assert [str(label) for _value, label in form.fields["vat_rate"].choices] == [
        "Your default: Standard (20%)",
        "Standard (20%)",
        "Reduced (5%)",
    ]
    dashboard.post("ticket_create", ticket_form(cost="cost", price="12", vat_rate=reduced.pk), pk=entry.pk)

    ticket = Ticket.objects.get()
    assert ticket.vat_rate == reduced
    copied = create_ticket(entry.series, ticket_terms(ticket))
    assert copied == ticket


def test_a_ticket_keeps_a_retired_rate_and_no_other_is_given_it(
    dashboard: Dashboard, studio: Account, entry: Entry
) -> None:
    registered(studio)
    old = rate_of(studio, "Old", 1500)
    ticket = TicketFactory.create(entry=entry, cost="cost", price=1200, vat_rate=old)
    dashboard.post("vat_rate_retire", pk=old.pk)

    dashboard.post("ticket_edit", ticket_form(cost="cost", price="13", vat_rate=old.pk), pk=entry.pk, ticket=ticket.pk)
    refused = dashboard.post("ticket_create", ticket_form(cost="cost", price="13", vat_rate=old.pk), pk=entry.pk)

    ticket.refresh_from_db()
    assert (ticket.price, ticket.vat_rate) == (1300, old)
    assert dict(refused.context["form"].errors) == {"vat_rate": ["Choose one from the list for “VAT”"]}


def test_where_no_vat_is_charged_no_form_asks_for_it(dashboard: Dashboard, studio: Account, entry: Entry) -> None:
    registered(studio, vat_number="")
    ticket = TicketFactory.create(entry=entry, cost="cost", price=1200, vat_rate=rate_of(studio))

    dashboard.post("ticket_edit", ticket_form(cost="cost", price="13"), pk=entry.pk, ticket=ticket.pk)

    assert "vat_rate" not in dashboard.get("ticket_create", pk=entry.pk).context["form"].fields
    ticket.refresh_from_db()
    assert ticket.vat_rate is not None


def test_rates_of_other_accounts_are_out_of_reach(dashboard: Dashboard, studio: Account, entry: Entry) -> None:
    registered(studio)
    theirs = rate_of(Account.objects.create(name="Other", slug="other"))

    answer = dashboard.post("ticket_create", ticket_form(cost="cost", price="1", vat_rate=theirs.pk), pk=entry.pk)

    assert answer.status_code == 422
    for page in ("vat_rate_edit", "vat_rate_retire"):
        assert dashboard.get(page, pk=theirs.pk).status_code == 404
    assert dashboard.post("vat_rate_restore", pk=theirs.pk).status_code == 404
