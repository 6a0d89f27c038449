"""The page that an invitation link opens: to whom it says what, and how somebody new comes through it."""

from urllib.parse import quote

import pytest
from django.test import Client

from accounts.models import Customer, Letter, Plan
from bookwhen import limits
from bookwhen.limits import Limit, Rate
from groups.catalogue import archive_group
from groups.links import services
from groups.links.models import InvitationLink, JoinRequest
from groups.models import Group, Member, Standing
from groups.services import remove_by_hand
from tests.browsing import open_browser, page_text, shown_messages
from tests.factories.accounts import AccountFactory, SchedulePageFactory, UserFactory
from tests.factories.schedule import NOW, OfferFactory, add_member, create_customer_with_login
from tests.groups.links.conftest import DAY, new_link

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]


def path_of(link: InvitationLink) -> str:
    return f"/river/join/{link.token}/"


def test_a_stranger_reads_what_it_brings_and_how_to_get_there(group: Group) -> None:
    OfferFactory.create(group=group, page=group.account.pages.get(), limit=10)
    link = new_link(group, ends_at=NOW + DAY)

    page = Client().get(path_of(link))

    said = page_text(page)
    assert "Join “Members”" in said
    assert "10 tickets" in said
    assert "You can join until the end of 16 January 2030." in said
    onward = f"next={quote(path_of(link), safe='')}"
    assert f"/accounts/signup/?{onward}" in page.content.decode()
    assert f"/accounts/login/?{onward}" in page.content.decode()
    assert (page["Referrer-Policy"], page["X-Robots-Tag"]) == ("same-origin", "noindex")
    assert "no-store" in page["Cache-Control"]


def test_who_logs_in_or_signs_up_reads_where_they_go_on_to(group: Group) -> None:
    link = new_link(group)
    said = f"You’ll then go on to join “Members” at {group.account.name}."
    for way in ("login", "signup"):
        assert said in page_text(Client().get(f"/accounts/{way}/", {"next": path_of(link)}))
    services.stop_link(link, now=NOW)
    assert "Members" not in page_text(Client().get("/accounts/login/", {"next": path_of(link)}))


def test_a_guest_who_presses_the_button_logs_in_first(group: Group) -> None:
    link = new_link(group)
    answer = Client().post(path_of(link))
    assert answer["Location"] == f"/accounts/login/?next={path_of(link)}"
    assert JoinRequest.objects.count() == 0


def test_somebody_new_joins_and_is_a_customer_by_their_own_name(group: Group) -> None:
    link = new_link(group)
    client = open_browser(UserFactory.create(email="new@example.org", name="New Person"))
    assert "Joining as new@example.org" in page_text(client.get(path_of(link)))

    answer = client.post(path_of(link), follow=True)

    assert shown_messages(answer) == ["You’ve joined “Members”."]
    assert "You’re in this group." in page_text(answer)
    customer = Customer.objects.get(email="new@example.org")
    assert (customer.name, customer.account, customer.user is not None) == ("New Person", group.account, True)
    assert Member.objects.get().customer == customer
    client.post(path_of(link))
    assert (Standing.objects.count(), InvitationLink.objects.get().joined) == (1, 1)


def test_who_has_not_proved_their_address_does_that_first(group: Group) -> None:
    link = new_link(group)
    client = open_browser(UserFactory.create(email="new@example.org", proved=False))
    page = client.post(path_of(link))
    assert "Confirm your email address first." in page_text(page)
    assert f"/my/details/confirm/?next={quote(path_of(link), safe='')}" in page.content.decode()
    assert (JoinRequest.objects.count(), Customer.objects.count()) == (0, 0)


def test_who_asks_reads_that_they_have_and_what_came_of_it(group: Group) -> None:
    link = new_link(group, needs_approval=True)
    client = open_browser(UserFactory.create(email="new@example.org"))
    assert "approves each person" in page_text(client.get(path_of(link)))

    said = page_text(client.post(path_of(link), follow=True))

    assert f"You’ve asked {group.account.name} to join." in said
    assert "We’ll email new@example.org as soon as they’ve decided." in said
    assert Standing.objects.count() == 0
    services.decline(JoinRequest.objects.select_related("link__group__account", "customer").get(), now=NOW)
    assert f"{group.account.name} hasn’t added you to this group." in page_text(client.get(path_of(link)))
    assert Letter.objects.count() == 1


def test_who_is_in_already_is_told_so_even_where_the_link_is_over(group: Group) -> None:
    link, ada = new_link(group), create_customer_with_login(group.account)
    member = add_member(group, ada)
    services.stop_link(link, now=NOW)
    client = open_browser(ada)
    assert "You’re in this group." in page_text(client.get(path_of(link)))
    remove_by_hand(member, now=NOW)
    assert client.get(path_of(link)).status_code == 410


def test_who_was_removed_asks_the_studio(group: Group) -> None:
    link, ada = new_link(group), create_customer_with_login(group.account)
    services.join(link, ada, now=NOW)
    remove_by_hand(Member.objects.get(), now=NOW)
    said = page_text(open_browser(ada).get(path_of(link)))
    assert "you’re not in the group any more" in said
    assert f"Ask {group.account.name} to add you again." in said


def over(group: Group, how: str) -> InvitationLink:
    link = new_link(group, ends_at=NOW if how == "over" else None)
    if how == "stopped":
        services.stop_link(link, now=NOW)
    elif how == "archived":
        archive_group(group, now=NOW)
    elif how == "plan":
        group.account.plan = Plan.FREE
        group.account.save(update_fields=["plan"])
    return link


@pytest.mark.parametrize("how", ["over", "stopped", "archived", "plan"])
def test_a_link_that_does_not_work_says_so_and_tells_nothing_of_the_group(group: Group, how: str) -> None:
    link = over(group, how)
    for client in (Client(), open_browser(UserFactory.create())):
        for page in (client.get(path_of(link)), client.post(path_of(link))):
            if page.status_code == 302:
                continue
            said = page_text(page)
            assert page.status_code == 410
            assert "This invitation doesn’t work any more." in said
            assert f"Ask {group.account.name} for a new link." in said
            assert "Members" not in said
    assert Standing.objects.count() == 0


def test_a_full_link_says_so(group: Group) -> None:
    link = new_link(group, most=1)
    services.join(link, create_customer_with_login(group.account), now=NOW)
    client = open_browser(UserFactory.create())
    for page in (client.get(path_of(link)), client.post(path_of(link))):
        assert "As many people have joined with this link as it allows." in page_text(page)
    assert Standing.objects.count() == 1


def test_another_token_or_another_studio_is_not_found(group: Group) -> None:
    link = new_link(group)
    SchedulePageFactory.create(account=AccountFactory.create(), slug="hill")
    assert Client().get(f"/hill/join/{link.token}/").status_code == 404
    assert Client().get(f"/river/join/{link.token[:-1]}/").status_code == 404
    # What no database takes.
    assert Client().get(f"/river/join/{link.token[:-1]}%00/").status_code == 404


def test_one_login_does_not_try_without_end(group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "JOINS_PER_LOGIN", Limit("few-joins", (Rate(1, limits.HOUR),)))
    client = open_browser(create_customer_with_login(group.account))
    links = [new_link(group)]
    assert client.post(path_of(links[0])).status_code == 302
    remove_by_hand(Member.objects.get(), now=NOW)
    services.stop_link(links[0], now=NOW)
    answer = client.post(path_of(new_link(group)))
    assert (answer.status_code, answer["Retry-After"]) == (429, "3600")
