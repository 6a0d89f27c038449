"""Schedule pages."""

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, Plan, SchedulePage, User
from accounts.services import PlanLimitError, save_page
from tests.browsing import open_browser
from tests.factories.accounts import SchedulePageFactory
from tests.factories.schedule import EntryFactory

pytestmark = pytest.mark.django_db

PAGES = "/dashboard/river/settings/pages/"
PAGE = {"title": "Summer", "slug": "summer", "description": "On the meadow", "accent": "orange"}


def test_a_page_is_created(studio: Account, alice: User) -> None:
    answer = open_browser(alice).post(f"{PAGES}new/", PAGE)
    assert (answer.status_code, answer["Location"]) == (302, PAGES)
    page = SchedulePage.objects.get(slug="summer")
    assert (page.account, page.title, page.description, page.accent) == (studio, "Summer", "On the meadow", "orange")


def test_a_page_is_changed(studio: Account, alice: User) -> None:
    page = studio.pages.get()
    assert open_browser(alice).post(f"{PAGES}{page.pk}/", PAGE).status_code == 302
    page.refresh_from_db()
    assert (page.slug, page.title) == ("summer", "Summer")


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("taken", "This one is taken."),
        ("my", "This one is reserved."),
        ("A b", "Use small letters"),
        ("", "Enter the"),
    ],
)
def test_an_address_that_cannot_be_had(studio: Account, alice: User, slug: str, words: str) -> None:
    SchedulePageFactory.create(slug="taken")
    answer = open_browser(alice).post(f"{PAGES}new/", PAGE | {"slug": slug})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert studio.pages.count() == 1


def test_a_refused_title_stays_out_of_the_heading(studio: Account, alice: User) -> None:
    page = studio.pages.get()
    answer = open_browser(alice).post(f"{PAGES}{page.pk}/", PAGE | {"slug": "my", "title": "Oops"})
    assert "<h1>River Studio</h1>" in answer.content.decode()


def test_on_free_there_is_one_page(studio: Account, alice: User) -> None:
    Account.objects.update(plan=Plan.FREE)
    assert open_browser(alice).post(f"{PAGES}new/", PAGE).status_code == 403
    page = studio.pages.get()
    assert open_browser(alice).post(f"{PAGES}{page.pk}/", PAGE).status_code == 302
    assert studio.pages.count() == 1


def test_the_plan_counts_as_it_is_when_the_page_is_saved(studio: Account) -> None:
    page = SchedulePage(account=studio, slug="summer", title="Summer")
    Account.objects.update(plan=Plan.FREE)
    assert page.account.plan == Plan.STANDARD
    with pytest.raises(PlanLimitError):
        save_page(page)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_the_same_queries_however_long(
    studio: Account, alice: User, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for _number in range(rows - 1):
        EntryFactory.create(page=SchedulePageFactory.create(account=studio))
    client = open_browser(alice)
    client.get(PAGES)
    with django_assert_num_queries(4):
        page = client.get(PAGES)
    assert page.content.decode().count('<th scope="row">') == rows


def test_the_list_counts_the_entries_of_each_page(studio: Account, alice: User) -> None:
    full, empty = studio.pages.get(), SchedulePageFactory.create(account=studio)
    EntryFactory.create_batch(2, page=full)
    pages = open_browser(alice).get(PAGES).context["pages"]
    assert {page.pk: page.entry_count.counted for page in pages} == {full.pk: 2, empty.pk: 0}
