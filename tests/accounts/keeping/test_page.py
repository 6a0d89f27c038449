"""*Keeping data*: what goes next is said for each kind, and what a change deletes before it is saved."""

from datetime import timedelta
from typing import Any

import pytest
from time_machine import travel

from accounts.keeping import forecast
from accounts.keeping.forgetting import forget_for_accounts
from accounts.models import Account, AuditEntry, Deed, Letter, Retention, Role, Staff
from bookwhen.jobs.run import Run
from tests.accounts.keeping.test_customers import LONG_AGO, came
from tests.accounts.keeping.test_forgetting import letter
from tests.browsing import fields_of_form, page_text
from tests.factories.accounts import AccountFactory
from tests.factories.schedule import NOW, GroupFactory, add_member
from tests.worlds.dashboard import Dashboard, open_dashboard

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio() -> Account:
    return AccountFactory.create()


@pytest.fixture
def at(studio: Account) -> Dashboard:
    return open_dashboard(studio)


def chosen(at: Dashboard, **times: object) -> Any:
    with travel(NOW, tick=False):
        return at.post("keeping", {name: str(value) for name, value in times.items()})


def test_a_change_says_what_goes_tonight_and_then_it_is_saved(at: Dashboard, studio: Account) -> None:
    for days in (31, 32, 29):
        letter(studio, NOW - timedelta(days=days))

    asks = chosen(at, emails_days=30)
    assert asks.status_code == 200
    assert "Emails: 30 days (until now: 1 year). Tonight: 2 emails will be deleted." in page_text(asks)
    assert "History" not in page_text(asks).split("Save these changes?")[1].split("Cancel")[0]
    assert not Retention.objects.exists()

    saved = chosen(at, **fields_of_form(asks, "sure"))
    assert saved["Location"] == at.url("keeping")
    retention = Retention.objects.get()
    assert (retention.emails_days, retention.customers_years, retention.due_at) == (30, None, NOW)
    line = AuditEntry.objects.get(action=Deed.RETENTION_CHANGED)
    assert line.changes == [["Emails", "1 year", "30 days"]]
    forget_for_accounts(Run("forget", now=NOW + timedelta(seconds=1)))
    assert Letter.objects.count() == 1
    with travel(NOW, tick=False):
        assert "Nothing tonight. The first goes on 16 January 2030." in page_text(at.get("keeping"))


def test_of_many_only_so_many_are_counted(at: Dashboard, studio: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast, "MOST", 2)
    for _number in range(3):
        letter(studio, NOW - timedelta(days=40))
        came(studio, LONG_AGO)

    asks = page_text(chosen(at, emails_days=30, customers_years=2))
    assert "Tonight: 2+ emails will be deleted." in asks
    assert "From tonight: 2+ customers will be erased, up to 100 a night." in asks


def test_customers_are_erased_only_if_that_is_chosen_and_by_whom(at: Dashboard, studio: Account) -> None:
    came(studio, LONG_AGO)
    with travel(NOW, tick=False):
        assert "Nobody is erased." in page_text(at.get("keeping"))

    asks = chosen(at, customers_years=3)
    told = (
        "Erase customers who don’t come any more: After 3 years (until now: Never). Tonight: 1 customer will be erased."
    )
    assert told in page_text(asks)
    chosen(at, customers_years=3, sure="on")
    retention = Retention.objects.get()
    assert retention.customers_by == Staff.objects.get().user

    Retention.objects.update(walked_at=NOW, walked_id=5)
    chosen(at, customers_years=5, sure="on")
    assert Retention.objects.get().walked_at is None
    chosen(at, sure="on")
    assert Retention.objects.get().customers_by is None


@pytest.mark.parametrize(
    ("years", "said"), [(2, "Nobody tonight: they’ve all come since."), (7, "before 15 January 2031")]
)
def test_where_nobody_goes_it_says_why(at: Dashboard, studio: Account, years: int, said: str) -> None:
    add_member(GroupFactory.create(account=studio), came(studio, LONG_AGO))

    assert said in page_text(chosen(at, customers_years=years))


@pytest.mark.parametrize("sent", [{"emails_days": "1"}, {"history_days": "30"}, {"customers_years": "1"}])
def test_what_is_not_offered_is_refused(at: Dashboard, sent: dict[str, str]) -> None:
    assert chosen(at, **sent, sure="on").status_code == 422
    assert not Retention.objects.exists()


def test_what_the_installation_would_not_keep_so_long_is_not_offered(
    at: Dashboard, studio: Account, settings: Any
) -> None:
    Retention.objects.create(account=studio, emails_days=180)
    settings.EMAILS_KEPT_DAYS = 60

    page = at.get("keeping")
    offered = [str(value) for value, _label in page.context["form"].fields["emails_days"].choices]
    assert offered == ["30", ""]
    assert page.context["form"]["emails_days"].value() is None


def test_the_page_asks_as_much_of_a_large_studio(
    at: Dashboard, studio: Account, django_assert_max_num_queries: Any
) -> None:
    Retention.objects.create(account=studio, emails_days=30, customers_years=3)
    for _number in range(30):
        letter(studio, NOW)
        came(studio, LONG_AGO)

    with django_assert_max_num_queries(22):
        at.get("keeping")


@pytest.mark.parametrize("role", [Role.BOOKINGS_ADMIN, Role.SCHEDULE_MANAGER, Role.LEADER])
def test_it_is_the_owners_alone(studio: Account, role: Role) -> None:
    other = open_dashboard(studio, role)

    assert (other.get("keeping").status_code, chosen(other, emails_days=30, sure="on").status_code) == (404, 404)


def test_for_strangers_it_does_not_exist(at: Dashboard) -> None:
    theirs = Dashboard(AccountFactory.create(), at.client)

    assert (theirs.get("keeping").status_code, chosen(theirs, sure="on").status_code) == (404, 404)
    assert not Retention.objects.exists()
