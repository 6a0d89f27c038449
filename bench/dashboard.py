"""The dashboard's lists and pages at fifty rows: processor time, PostgreSQL's with it, beside the floor's page."""

from collections.abc import Iterator
from typing import Final

from bench import targets
from bench.client import OK, UnexpectedAnswerError, Visitor
from bench.office import Office
from bench.pages import FLOOR
from bench.report import Row, compared
from bench.site import Server
from bench.workbench import Workbench
from offers.models import Offer

WARM_UP: Final = 12
SAMPLES: Final = 10
FLOOR_SAMPLES: Final = 30
"""In a round. It is told in microseconds, but a collection of garbage falls into some of them."""


def pages(bench: Workbench) -> Iterator[Row]:
    """Each of them, as the studio's owner sees it."""
    office = Office(bench.shop)
    owner = Visitor(bench.site.port, bench.world.cookies(bench.world.owner), once=True)
    stranger = Visitor(bench.site.floor.port, once=True)
    processor_ms(bench.site.floor, stranger, FLOOR, WARM_UP)
    for name, path in addresses(office).items():
        yield _row(bench, name, owner, path, stranger)


def _row(bench: Workbench, name: str, owner: Visitor, path: str, stranger: Visitor) -> Row:
    what, address = f"Dashboard: {name}", f"/dashboard/{bench.world.account.slug}/{path}"
    try:
        processor_ms(bench.site.server, owner, address, WARM_UP)
        rounds = bench.take_turns(
            lambda: processor_ms(bench.site.server, owner, address, SAMPLES),
            lambda: processor_ms(bench.site.floor, stranger, FLOOR, FLOOR_SAMPLES),
        )
    except UnexpectedAnswerError as error:
        return Row(what, 0, error=str(error))
    return compared(what, rounds, "ms", targets.DASHBOARD)


def processor_ms(server: Server, visitor: Visitor, path: str, times: int) -> float:
    """What an answer takes of the processors, in milliseconds: the site's processes and PostgreSQL's together."""
    began = server.worked()
    for _ in range(times):
        answer = visitor.get(path)
        if answer.status != OK:
            message = f"GET {path}: {answer.status} {answer.text[:200]}"
            raise UnexpectedAnswerError(message)
    return 1000 * (server.worked() - began) / times


def addresses(office: Office) -> dict[str, str]:
    """What the pages are called, with their addresses below the account's."""
    world = office.world
    members = f"groups/{world.members.pk}/"
    offer = Offer.objects.filter(group=world.members).earliest("pk")
    return {
        "overview": "",
        "customer groups": "groups/",
        "group with 50 members": members,
        "group with 50 offers": f"groups/{office.offers.pk}/",
        "edit offer": f"{members}offers/{offer.pk}/",
        "bookings": "bookings/",
        "booking": f"bookings/{office.customers[0].bookings.earliest('pk').pk}/",
        "customers": "customers/",
        "customer with 50 bookings": f"customers/{office.customers[0].pk}/",
        "payments": "payments/",
        "memberships": "memberships/",
        "membership": f"memberships/{office.membership.pk}/",
        "customer memberships": "subscriptions/",
        "customers of a membership": f"memberships/{office.membership.pk}/customers/",
        "schedule": "schedule/",
        "entry with 50 attendees": f"schedule/{office.entry.pk}/",
        "new entry": "schedule/new/",
        "emails": "emails/",
        "background tasks": "operations/",
    }
