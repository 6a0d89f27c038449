"""What has to be so, and be sent, where a form of the dashboard does nothing as it stands on its page."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from accounts.models import Customer, EmailBlock, LetterKind, Mailing, Operation
from accounts.wording import Parts, save_wording
from groups.models import Group, JoinRequest
from memberships.models import Membership, Price, Subscription
from offers.models import Offer
from tests.factories.accounts import CustomerFactory, StaffFactory
from tests.factories.schedule import NOW, EntryFactory, GroupFactory, TicketFactory
from tests.fuzz.world import FuzzWorld
from tests.history.prepared_imports import Sent, checked_import, done_import, list_begun, list_done, listed, read_import
from tests.history.prepared_money import (
    disconnected,
    last_form,
    no_default_rate,
    nobody_pays,
    other_key,
    owed_by_customer,
    owed_on_register,
    owed_payment,
    owed_seat,
    paid_at_studio,
    replayed_event,
    retired_rate,
    unused_code,
)
from tickets.models import (
    Attendance,
    Entry,
    Leader,
    Location,
    Picture,
    Seat,
    Series,
    Tag,
    WaitlistRequest,
)

QUERY: Final = "?"
"""Under this, what stands behind the address."""
OPEN_END: Final = "?way=open&until="
SOON: Final = NOW + timedelta(days=60)


def nothing(_world: FuzzWorld) -> Sent:
    return {}


def sending(**sent: Any) -> Callable[[FuzzWorld], Sent]:
    return lambda _world: sent


def message_in(state: str, **facts: Any) -> Callable[[FuzzWorld], Sent]:
    """Let the message be in a state."""

    def prepare(_world: FuzzWorld) -> Sent:
        Mailing.objects.update(state=state, **facts)
        return {}

    return prepare


def unsold_group(world: FuzzWorld) -> None:
    """Let the group be one that no membership sells."""
    other = GroupFactory.create(account=world.studio.account)
    Membership.objects.update(group=other)


def archived_group(_world: FuzzWorld) -> Sent:
    Group.objects.update(archived_at=NOW)
    return {}


def pictured_entry(world: FuzzWorld) -> Sent:
    picture = Picture.objects.create(account=world.studio.account, alt="A mat", width=1, height=1)
    Entry.objects.filter(account=world.studio.account).update(picture=picture)
    return {"remove": "1", "scope": "this"}


def repeating_entry(world: FuzzWorld) -> Sent:
    """Let its entry repeat, on a day that would move."""
    starts = world.entry.starts_at.replace(tzinfo=None)
    Series.objects.filter(pk=world.entry.series_id).update(rule="FREQ=WEEKLY", first=starts)
    return {
        "weekdays": [str((starts.weekday() + 1) % 7)], "start": "10:00", "duration": "45", "scope": "later",
        "confirmed": "1",
    }  # fmt: skip


def archived(model: type[Leader | Location | Tag]) -> Callable[[FuzzWorld], Sent]:
    def put_away(_world: FuzzWorld) -> Sent:
        model.objects.update(archived_at=NOW)
        return {}

    return put_away


def unused(model: type[Leader | Location | Tag], folder: str) -> Callable[[FuzzWorld], Sent]:
    def point_to_one(world: FuzzWorld) -> Sent:
        world.studio.by_folder[folder] = model.objects.create(account=world.studio.account, name="Unused").pk
        return {}

    return point_to_one


def chosen_members(_world: FuzzWorld) -> Sent:
    return {"who": "all", "action": "start", "anchor": "2026-01-01", "key": str(uuid4())}


def disabled_offer(world: FuzzWorld) -> Sent:
    offer = Offer.objects.get(account=world.studio.account, pk=str(world.studio.values["int:offer"]))
    Offer.objects.filter(pk=offer.pk).update(enabled=False)
    ticket = offer.group.tickets.earliest("pk")
    customer = world.studio.by_folder["customers"]
    return {"cure": "enable", "offer": offer.pk, "customer": customer, "at": f"{world.entry.pk}-{ticket.pk}"}


def archivable_group(world: FuzzWorld) -> Sent:
    unsold_group(world)
    return {}


def unused_group(world: FuzzWorld) -> Sent:
    world.studio.by_folder["groups"] = GroupFactory.create(account=world.studio.account).pk
    return {}


def unused_membership(world: FuzzWorld) -> Sent:
    unused = Membership.objects.create(
        account=world.studio.account, group=Group.objects.get(), title="Unused", created_at=NOW
    )
    world.studio.by_folder["memberships"] = unused.pk
    return {}


def archived_price(_world: FuzzWorld) -> Sent:
    Price.objects.update(archived_at=NOW)
    return {}


def failed_task(_world: FuzzWorld) -> Sent:
    Operation.objects.update(state="failed", ended_at=NOW)
    return {}


def moved_seat(world: FuzzWorld) -> Sent:
    seat = Seat.objects.select_related("entry", "ticket").get(pk=world.studio.seat)
    Attendance.objects.filter(seat=seat).delete()
    other = EntryFactory.create(page=seat.entry.page, starts_at=SOON, ends_at=SOON + timedelta(hours=1))
    TicketFactory.create(entry=other, name=seat.ticket.name)
    address = f"/dashboard/{world.studio.account.slug}/spaces/{seat.pk}/move/"
    query = f"?to={other.pk}"
    return last_form(world, f"{address}{query}") | {"places": "", "number": "", QUERY: query}


def another_colleague(world: FuzzWorld) -> Sent:
    world.studio.by_folder["team"] = StaffFactory.create(account=world.studio.account, role="leader").pk
    return {"role": "bookings_admin"}


def class_day(world: FuzzWorld) -> None:
    """Let the class be now, so that it can be said who came."""
    Entry.objects.filter(pk=world.entry.pk).update(starts_at=NOW, ends_at=NOW + timedelta(hours=1))


def present(world: FuzzWorld) -> Sent:
    class_day(world)
    return {"mark": f"{world.studio.seat}:present:0"}


def all_present(world: FuzzWorld) -> Sent:
    class_day(world)
    return {}


def walk_in(world: FuzzWorld) -> Sent:
    class_day(world)
    return {"name": "New", "ticket": world.free.pk, "key": str(uuid4())}


def held_as(**facts: Any) -> Callable[[FuzzWorld], Sent]:
    """A customer's membership of which these facts are so."""

    def prepare(_world: FuzzWorld) -> Sent:
        Subscription.objects.update(**facts)
        return {"access": "give"}

    return prepare


def changed_membership(world: FuzzWorld) -> Sent:
    subscription = Subscription.objects.select_related("membership").get()
    Subscription.objects.update(status="trialing")
    other = Price.objects.create(
        account=world.studio.account,
        membership=subscription.membership,
        title="Yearly",
        amount=40_000,
        currency="GBP",
        created_at=NOW,
    )
    address = f"/dashboard/{world.studio.account.slug}/subscriptions/{subscription.pk}/change/"
    return last_form(world, f"{address}?price={other.uuid}") | {"when": "now", "price": str(other.uuid)}


def paused_membership(world: FuzzWorld) -> Sent:
    Subscription.objects.update(billing_anchor=NOW, period_start=NOW)
    subscription = Subscription.objects.get()
    address = f"/dashboard/{world.studio.account.slug}/subscriptions/{subscription.pk}/pause/"
    return last_form(world, f"{address}{OPEN_END}") | {QUERY: OPEN_END}


def unbooked_entry(world: FuzzWorld) -> Sent:
    """Let the entry be one that nobody has booked, like another one that has two tickets."""
    page, other = world.entry.page, EntryFactory.create(page=world.entry.page, starts_at=SOON)
    world.studio.by_folder["schedule"] = EntryFactory.create(page=page, starts_at=SOON).pk
    for name in ("One", "Two"):
        TicketFactory.create(entry=other, name=name)
    return {"source": other.pk}


def two_tickets(world: FuzzWorld) -> Sent:
    first, second = (TicketFactory.create(entry=world.entry, name=name, position=9) for name in ("One", "Two"))
    world.studio.values["int:ticket"] = second.pk
    return {"to": "up", "above": first.pk}


def somebody_before(world: FuzzWorld) -> Sent:
    """Let somebody have joined the waiting list before the one who is on it."""
    waiting = WaitlistRequest.objects.get()
    other = CustomerFactory.create(account=world.studio.account)
    waiting.pk, waiting.uuid, waiting.customer, waiting.joined_at = None, uuid4(), other, NOW - timedelta(hours=1)
    waiting.save(force_insert=True)
    return {}


def rationed_offer(world: FuzzWorld) -> Sent:
    Offer.objects.filter(pk=str(world.studio.values["int:offer"])).update(limit=5)
    return {"count": 1, "reason": "Ill", "on": "2030-01-15", "key": str(uuid4())}


def worded_letter(world: FuzzWorld) -> Sent:
    account = world.studio.account
    save_wording(account, LetterKind.BOOKED, Parts(closing="Bye"), called="x", by=world.studio.staff.user, now=NOW)
    return {}


def not_seen(world: FuzzWorld) -> Sent:
    """Let the customer be one who hasn't logged in, and takes emails."""
    EmailBlock.objects.filter(account=world.studio.account).delete()
    Customer.objects.filter(account=world.studio.account).update(seen_at=None)
    return {}


def nothing_ahead(world: FuzzWorld) -> Sent:
    theirs = {"account": world.studio.account}
    Subscription.objects.filter(**theirs).update(status="canceled", ended_at=NOW)
    Seat.objects.filter(**theirs).update(cancelled_at=NOW)
    return {"sure": "on"}


def unjoined_group(world: FuzzWorld) -> Sent:
    return {"group": GroupFactory.create(account=world.studio.account).pk}


def nobodys_contact(world: FuzzWorld) -> Sent:
    Customer.objects.filter(pk=world.member.pk).update(user=None, name="Ann Ray")
    return {"contact": CustomerFactory.create(account=world.studio.account).pk}


PREPARED: Final[dict[str, Callable[[FuzzWorld], Sent]]] = {
    "access_cure": disabled_offer,
    "attendance_mark": present,
    "attendance_rest": all_present,
    "booking_settled": owed_seat,
    "customer_addresses": sending(email="third@example.org"),
    "customer_contact": nobodys_contact,
    "customer_erase": nothing_ahead,
    "customer_group_add": unjoined_group,
    "customer_group_end": sending(last_day="2030-02-28"),
    "customer_name": sending(phone="020 7946 0018"),
    "customer_new": lambda world: {"contact": world.member.pk, "name": "Ann Ray"},
    "customer_note": sending(note="Bad back"),
    "customer_uses": rationed_offer,
    "customer_take": owed_by_customer,
    "customer_give_back": paid_at_studio,
    "seat_take": owed_on_register,
    "customer_start_date": sending(anchor="2026-01-01"),
    "customers_add": sending(emails="new@example.org", key=str(uuid4())),
    "entry_book": lambda world: {
        "email": "new@example.org", "name": "New", "ticket": world.free.pk, "key": str(uuid4()),
    },
    "entry_create": lambda world: {
        "title": "Pilates", "page": world.entry.page_id, "date": "2030-02-01", "start": "10:00", "end": "11:00",
        "capacity": 10, "per_booking": 4, "key": str(uuid4()),
    },
    "entry_dates": sending(date="2030-02-02", start="10:00"),
    "entry_retime": repeating_entry,
    "entry_extend": lambda world: {
        "repeats": "weekly", "count": 1, "confirmed": "1",
        "dates": [(world.entry.starts_at + timedelta(weeks=1)).date().isoformat()],
    },
    "entry_cancel": sending(reason="Ill", message="Sorry"),
    "entry_skip": unbooked_entry,
    "group_archive": archivable_group,
    "group_delete": unused_group,
    "branding": sending(accent="own", own="#3366cc", on_pages="on"),
    "letter_text": sending(opening="Hello {name}"),
    "letter_text_reset": worded_letter,
    "vat_rate_new": sending(name="Reduced", rate="5"),
    "vat_rate_restore": retired_rate,
    "vat_rate_retire": no_default_rate,
    "keeping": sending(emails_days="30", sure="on"),
    "group_restore": archived_group,
    "group_link_decide": lambda _world: {"accept": JoinRequest.objects.get().pk},
    "group_link_edit": sending(most=30, key=str(uuid4())),
    "customer_invite": not_seen,
    "entry_picture": pictured_entry,
    "entry_leaders": sending(leaders="Dora", scope="this"),
    "discount_code_delete": unused_code,
    "discount_code_new": sending(code="NEWCODE", percent="10", scope="pages", enabled="on", key=str(uuid4())),
    "leader_delete": unused(Leader, "leaders"),
    "leader_restore": archived(Leader),
    "location_delete": unused(Location, "locations"),
    "location_restore": archived(Location),
    "tag_delete": unused(Tag, "tags"),
    "tag_restore": archived(Tag),
    "exports": sending(list="customers_csv", key=str(uuid4())),
    "group_customers_csv": sending(key=str(uuid4())),
    "members_change": chosen_members,
    "membership_delete": unused_membership,
    "message_continue": message_in("stopped", began_at=NOW),
    "message_new": sending(
        kind="news", subject="Summer", text="Hello", key=str(uuid4()), **{QUERY: "?to=customers&who=all"}
    ),
    "message_send": sending(seen=NOW.isoformat()),
    "message_stop": message_in("sending", began_at=NOW),
    "message_unschedule": message_in("scheduled", send_at=SOON),
    "operation_retry": failed_task,
    "page_new": sending(title="Second", slug="second-page", accent="teal"),
    "payment_settled": owed_payment,
    "payments": disconnected,
    "payments_disconnect": nobody_pays,
    "payments_event_replay": replayed_event,
    "payments_key": other_key,
    "price_restore": archived_price,
    "seat_move": moved_seat,
    "staff_edit": another_colleague,
    "staff_remove": another_colleague,
    "list_import_choose": listed({"why": "shared_address", "choice": "import"}),
    "list_import_columns": listed({"column_0": "name", "column_1": "email", "column_2": "", "day_order": "dmy"}),
    "list_import_confirm": listed({"letter": "on"}),
    "list_import_groups": listed({"name_0": "new"}),
    "list_import_undo": list_done,
    "list_imports": list_begun,
    "moving_undo": done_import,
    "stripe_import_choose": checked_import,
    "stripe_import_confirm": checked_import,
    "stripe_import_map": read_import,
    "stripe_import_undo": done_import,
    "subscription_change": changed_membership,
    "subscription_change_undo": held_as(next_price="price_2", schedule="sub_sched_1", changes_at=SOON),
    "subscription_keep": held_as(ends_at=SOON),
    "subscription_let_in": held_as(pause_behavior="void", paused_at=NOW, billing_anchor=NOW),
    "subscription_pause": paused_membership,
    "ticket_move": two_tickets,
    "tickets_copy": unbooked_entry,
    "subscription_resume": held_as(pause_behavior="void", paused_at=NOW),
    "waiting_move_up": somebody_before,
    "walk_in": walk_in,
}  # fmt: skip
"""By the name of the page."""
