"""Who is in customer groups, why, since and until when, and what they have used of each offer."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account
from bookwhen.forms import Form
from bookwhen.keyset import rows_after
from bookwhen.picker import OneField, Source
from bookwhen.search import text_has
from groups.dashboard.chosen import ChosenMembers
from groups.dashboard.members import MemberRow, OfferUsage, member_rows, with_logins
from groups.models import Group, Member
from groups.queries import BY_NAME, NEWEST_MEMBERS, groups_of
from offers.messages import offer_title
from offers.models import Offer
from offers.queries import offers_of
from tickets.dashboard.csv_export import Cell
from tickets.dashboard.exports.kinds import Asked, Batch, ExportList, Place, from_time, yes_or_no


class GroupForm(Form):
    """Of which group; none: of all that are in use."""

    group = OneField(label=gettext_lazy("Group"), none=gettext_lazy("All groups"))

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:  # noqa: ANN401 - what Django's forms take
        super().__init__(*args, **kwargs)
        groups = groups_of(account).annotate(lower_name=Lower("name"))
        self.field_as("group", OneField).set_source(
            Source(groups, groups.none(), search=lambda words: text_has("name", words), label=str, order=BY_NAME)
        )


# --- one group: a line for each of them, with columns for each offer


def _members(asked: Asked) -> QuerySet[Member]:
    group = _group(asked)
    if group is None:
        return Member.objects.none()
    ticked = tuple(asked.given.get("members", ()))
    words, unseen = asked.given.get("q", ""), bool(asked.given.get("unseen"))
    return ChosenMembers(group, not ticked, words, ticked, unseen=unseen).found(now=asked.now)


def _group(asked: Asked) -> Group | None:
    found = Group.objects.filter(account=asked.account, pk=asked.given["group"]).first()
    if found:
        found.account = asked.account  # whose time zone is the file's
    return found


def _head_of_one(asked: Asked) -> list[str]:
    group = _group(asked)
    of_offers = [
        words % {"offer": offer_title(offer, number)}
        for number, offer in enumerate(offers_of(group) if group else (), start=1)
        if offer.enabled
        for words in (
            _("%(offer)s: used"),
            _("%(offer)s: extra"),
            _("%(offer)s: left"),
            _("%(offer)s: counted from"),
            _("%(offer)s: resets on"),
        )
    ]
    return [*_head_of_person(asked), *of_offers]


def _read_one(asked: Asked, place: Place | None, most: int) -> Batch:
    group = _group(asked)
    if group is None:
        return Batch((), None, 0)
    members, rows = _rows(group, _members(asked), asked, place, most)
    cells = [[*_person(row, asked), *(cell for use in row.uses for cell in _use(use))] for row in rows]
    return Batch(cells, _place(members, most), len(members))


MEMBERS: Final = ExportList(
    name="members_csv",
    label=gettext_lazy("Make a file of a group’s customers"),
    working=gettext_lazy("Writing customers"),
    title=gettext_lazy("A group’s customers"),
    says=gettext_lazy("Who is in the group, why, since and until when, and what they have used of its offers."),
    file="customers",
    head=_head_of_one,
    read=_read_one,
    found=_members,
)


# --- all groups: a line for each offer that somebody may use


def _all_members(asked: Asked) -> QuerySet[Member]:
    chosen = {"group": asked.given["group"]} if asked.given.get("group") else {"group__archived_at": None}
    return Member.objects.filter(account=asked.account, stands_until__gt=asked.now, **chosen)


def _head_of_all(asked: Asked) -> list[str]:
    return [
        _("Customer group"),
        *_head_of_person(asked),
        _("Offer"),
        _("Used"),
        _("Extra uses"),
        _("Left"),
        _("Counted from"),
        _("Resets on"),
    ]


def _read_all(asked: Asked, place: Place | None, most: int) -> Batch:
    """The members of one group after another; a place is a group, and how far its members were read (or all)."""
    group = _group_at(asked, place)
    if group is None:
        return Batch((), None, 0)
    inside = place[1] if place and place[0] == group.pk else None
    found = ChosenMembers(group, is_all=True, words="", ids=()).found(now=asked.now)
    members, rows = _rows(group, found, asked, inside, most)
    cells: list[Sequence[Cell]] = []
    for row in rows:
        person = [group.name, *_person(row, asked)]
        uses = [[offer_title(use.offer, use.number), *_use(use)] for use in row.uses]
        cells += [[*person, *use] for use in uses or [[""] * 6]]
    is_last = bool(asked.given.get("group"))
    after = _place(members, most)
    return Batch(cells, None if after is None and is_last else [group.pk, after], len(members))


def _group_at(asked: Asked, place: Place | None) -> Group | None:
    groups = Group.objects.filter(account=asked.account).order_by("pk")
    chosen = asked.given.get("group")
    groups = groups.filter(pk=chosen) if chosen else groups.in_use()
    same = groups.filter(pk=place[0]).first() if place and place[1] else None
    found = same or groups.filter(pk__gt=place[0] if place else 0).first()
    if found:
        found.account = asked.account
    return found


MEMBERS_OF_ALL: Final = ExportList(
    name="all_members_csv",
    label=gettext_lazy("Make a file of members and their uses"),
    working=gettext_lazy("Writing members"),
    title=gettext_lazy("Members with their uses"),
    says=gettext_lazy(
        "Who is in which customer group, why, since and until when; for each offer what is used, extra and left."
    ),
    file="members",
    head=_head_of_all,
    read=_read_all,
    found=_all_members,
    form=GroupForm,
)


# --- what both say


def _rows(
    group: Group, found: QuerySet[Member], asked: Asked, place: Place | None, most: int
) -> tuple[list[Any], list[MemberRow]]:
    some = rows_after(with_logins(found), NEWEST_MEMBERS, from_time(place)).prefetch_related("standings")
    members = list(some[:most])
    return members, member_rows(group, members, _offers(group), now=asked.now)


def _offers(group: Group) -> list[Offer]:
    return list(offers_of(group))


def _place(members: Sequence[Member], most: int) -> Place | None:
    if len(members) < most:
        return None
    last = members[-1]
    assert last.stands_until is not None  # noqa: S101 - they stand
    return [last.stands_until.isoformat(), last.pk]


def _head_of_person(asked: Asked) -> list[str]:
    return [
        _("Name"),
        _("Email address"),
        asked.zoned(_("In the group since")),
        _("In the group until"),
        _("Added manually"),
        _("Memberships"),
        _("Start date"),
        _("Has logged in"),
    ]


def _person(row: MemberRow, asked: Asked) -> list[Cell]:
    customer = row.member.customer
    return [
        customer.name,
        customer.reached_at,
        asked.day(row.since),
        asked.moment(row.until),
        yes_or_no(row.by_hand),
        "; ".join(f"{each.subscription.membership.title} ({each.state.label})" for each in row.held),
        f"{row.ruling.anchor:%Y-%m-%d}",
        yes_or_no(row.member.has_login),
    ]


def _use(use: OfferUsage) -> Iterator[Cell]:
    yield str(use.used)
    yield str(use.extra)
    yield _("unlimited") if use.left is None else str(use.left)
    yield "" if use.left is None else f"{use.period.starts_on}"
    yield "" if use.left is None or use.period.is_last or not use.period.ends_on else f"{use.period.ends_on}"
