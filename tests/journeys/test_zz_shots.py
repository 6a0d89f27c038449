import pytest
from playwright.sync_api import Page
from tests.factories.schedule import EntryFactory, GroupFactory, OfferFactory, TicketFactory, add_member, create_customer_with_login
from tests.factories.accounts import CustomerFactory
from tests.journeys.steps import open_dashboard, list_problems
from tests.worlds.new_studio import NewStudio
from groups.models import Standing
pytestmark = pytest.mark.journey

def test_shots(page: Page, studio: NewStudio) -> None:
    from django.utils import timezone
    from datetime import timedelta
    group = GroupFactory.create(account=studio.account, name="Ten a month", description="Ten classes")
    entry = EntryFactory.create(page=studio.page, title="Evening Flow", starts_at=timezone.now()+timedelta(days=3))
    t = TicketFactory.create(entry=entry, group=group, name="Members’ ticket")
    offer = OfferFactory.create(group=group, page=studio.page, limit=10, name="Ten a month")
    OfferFactory.create(group=group, kind="discount", percent=10, page=studio.page)
    for n in range(30):
        add_member(group, CustomerFactory.create(account=studio.account, name=f"Member With A Long Name {n}", email=f"member.with.long.address{n}@example.org"))
    Standing.objects.update(since=timezone.now() - timedelta(days=40), anchor=timezone.now().date())
    c = CustomerFactory.create(account=studio.account, name="Otto", email="otto@example.org")
    open_dashboard(page, studio)
    base = f"/dashboard/{studio.account.slug}"
    first = group.members.earliest("pk").pk
    pages = {
        "overview": f"{base}/groups/{group.pk}/",
        "customers": f"{base}/groups/{group.pk}/customers/",
        "offers": f"{base}/groups/{group.pk}/offers/",
        "tickets": f"{base}/groups/{group.pk}/tickets/",
        "memberships": f"{base}/groups/{group.pk}/memberships/",
        "edit": f"{base}/groups/{group.pk}/offers/{offer.pk}/?first=1",
        "new": f"{base}/groups/{group.pk}/offers/new/?ticket={t.pk}",
        "remove": f"{base}/groups/{group.pk}/customers/change/?action=remove&member={first}&member={first+1}",
        "start": f"{base}/groups/{group.pk}/customers/change/?action=start&who=all",
        "add": f"{base}/groups/{group.pk}/customers/change/?action=add&who=all",
        "check": f"{base}/check-access/?customer={c.pk}&at={entry.pk}-{t.pk}",
    }
    out = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 844})
            for name, url in pages.items():
                page.goto(url)
                h = page.evaluate("document.documentElement.scrollHeight")
                sw = page.evaluate("document.documentElement.scrollWidth")
                out.append((name, scheme, width, h, sw, list_problems(page) if scheme == "light" or name in ("customers","edit") else None))
                if scheme == "light" or name in ("customers", "check"):
                    page.screenshot(path=f"/tmp/groupsb-shots/{name}-{scheme}-{width}.png", full_page=True)
    open("/tmp/groupsb-shots/out.txt","w").write("\n".join(map(str,out)))
