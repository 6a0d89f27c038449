"""What changes an account: making it, its settings, its plan, its pages and its team."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import identity
from accounts.access import is_proved
from accounts.history.recording import About, Change, model_changes, record, record_changes
from accounts.locks import lock_account, lock_user
from accounts.logins import get_or_create_login
from accounts.models import Account, Deed, Plan, Role, SchedulePage, Staff, Thing, User
from accounts.slugs import suggest_slug
from bookwhen.db import violated_constraint
from bookwhen.email_address import fold_email

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_stubs_ext import StrOrPromise

INVITATION_LIFE: Final = timedelta(days=7)
FREE_PAGES: Final = 1
FREE_STAFF: Final = 1
MOST_STUDIOS: Final = 10
"""So many accounts one login may make that take no payments: more than anybody runs, and few enough to look at."""


class AddressTakenError(Exception):
    """Another account or page has this address."""


class TooManyStudiosError(Exception):
    """One login has made as many accounts as it may that take no payments."""


class OwnerNotProvedError(Exception):
    """Who wants to open an account has not proved their email address: it could write to people in nobody's name."""


class PlanLimitError(Exception):
    """The account's plan has no room for another page or team member (help article 6544463)."""


class AlreadyOnTeamError(Exception):
    """The person has a role in this account."""


class LastOwnerError(Exception):
    """The account would be left without an owner."""


@dataclass(frozen=True, slots=True)
class Studio:
    """What somebody says of the business they open an account for."""

    name: str
    address: str
    """Where its page is found; empty: one is made from the name."""
    time_zone: str
    currency: str
    plan: Plan


def create_account(studio: Studio, *, owner: User) -> Account:
    """Open an account with its first page, owned by this user.

    The same again by the same owner gives the account there is, so that a form sent twice does once. Raises
    AddressTakenError, OwnerNotProvedError, TooManyStudiosError.
    """
    if not is_proved(owner):
        raise OwnerNotProvedError
    with transaction.atomic():
        lock_user(owner)
        return account_opened_before(studio, owner) or _open_account(studio, owner)


def account_opened_before(studio: Studio, owner: User) -> Account | None:
    """The account that the same form by the same owner made already, if any."""
    theirs = Account.objects.filter(name=studio.name, staff__user=owner, staff__role=Role.OWNER)
    if studio.address:
        theirs = theirs.filter(slug=studio.address)
    return theirs.first()


def _require_room_for_studio(owner: User) -> None:
    """Let a login (held) make one more account; those that take real money count no more."""
    earning = Q(connection__livemode=True, connection__disconnected_at__isnull=True)
    made = Account.objects.filter(opened_by=owner)
    if made.count() - made.filter(earning).count() >= MOST_STUDIOS:
        raise TooManyStudiosError


def _open_account(studio: Studio, owner: User) -> Account:
    _require_room_for_studio(owner)
    address = studio.address or suggest_slug(studio.name)
    try:
        with transaction.atomic():
            account = Account.objects.create(
                name=studio.name,
                slug=address,
                # Theirs until they say otherwise; with it, no letter has to look for the owner.
                contact_email=owner.email,
                time_zone=studio.time_zone,
                currency=studio.currency,
                plan=studio.plan,
                opened_by=owner,
            )
            SchedulePage.objects.create(account=account, slug=address, title=studio.name)
            Staff.objects.create(account=account, user=owner, role=Role.OWNER)
    except IntegrityError as error:
        raise _address_taken(error) from error
    return account


def change_plan(account: Account, plan: Plan) -> None:
    """Put an account on another plan. What it has stays: below Standard, groups rest but serve their members."""
    before = account.get_plan_display()
    with transaction.atomic():
        account.plan = plan
        account.save(update_fields=["plan"])
        changes = [Change(_("Plan"), before, account.get_plan_display())]
        record_changes(Deed.PLAN_CHANGED, about_account(account), changes, account=account)


def save_settings(account: Account, labels: "Mapping[str, StrOrPromise]") -> None:
    """Save these fields of an account as they were set on it; `labels` says by field what people call it."""
    with transaction.atomic():
        before = lock_account(account)
        account.save(update_fields=list(labels))
        changes = model_changes(before, account, labels)
        record_changes(Deed.SETTINGS_CHANGED, about_account(account), changes, account=account)


def about_account(account: Account) -> About:
    """An account as its history names it."""
    return About(Thing.ACCOUNT, account.pk, account.name)


def has_room_for_page(account: Account) -> bool:
    """Whether the plan allows one more page."""
    return account.plan != Plan.FREE or account.pages.count() < FREE_PAGES


def has_room_for_staff(account: Account) -> bool:
    """Whether the plan allows one more team member."""
    return account.plan != Plan.FREE or account.staff.count() < FREE_STAFF


def save_page(page: SchedulePage) -> None:
    """Add a page to its account, or change it; raises AddressTakenError, and PlanLimitError for one too many."""
    try:
        with transaction.atomic():
            if page.pk is None and not has_room_for_page(lock_account(page.account)):
                raise PlanLimitError
            before = SchedulePage.objects.filter(account=page.account, pk=page.pk).first() if page.pk else None
            page.save()
            _record_page(page, before)
    except IntegrityError as error:
        raise _address_taken(error) from error


def _record_page(page: SchedulePage, before: SchedulePage | None) -> None:
    about = About(Thing.PAGE, page.pk, page.title)
    if before is None:
        record(Deed.PAGE_CREATED, about, account=page.account)
        return
    labels = {"title": _("Title"), "slug": _("Address"), "description": _("Description"), "accent": _("Colour")}
    labels["pays_at_studio"] = _("Pay at the studio")
    record_changes(Deed.PAGE_CHANGED, about, model_changes(before, page, labels), account=page.account)


def add_staff(account: Account, *, email: str, role: Role, now: datetime) -> Staff:
    """Put somebody on the team by e-mail address, and write to them; who has no login gets the link to make one.

    Raises PlanLimitError, and AlreadyOnTeamError.
    """
    with transaction.atomic():
        account = lock_account(account)
        if not has_room_for_staff(account):
            raise PlanLimitError
        user = get_or_create_login(email := fold_email(email))
        given = {"role": role, "invited_email": "" if user.email == email else email}
        staff, made = Staff.objects.get_or_create(account=account, user=user, defaults=given)
        if not made:
            raise AlreadyOnTeamError
        identity.send_invitation(staff, now=now, life=INVITATION_LIFE)
        changes = [Change(_("Role"), "", staff.get_role_display())]
        record(Deed.STAFF_ADDED, about_staff(staff), account=account, changes=changes)
    return staff


def change_role(staff: Staff, role: Role) -> None:
    """Give a team member another role; raises LastOwnerError."""
    with transaction.atomic():
        lock_account(staff.account)
        if role != Role.OWNER:
            _keep_an_owner(staff)
        before = Staff.objects.get(account=staff.account, pk=staff.pk)
        staff.role = role
        staff.save(update_fields=["role"])
        changes = model_changes(before, staff, {"role": _("Role")})
        record_changes(Deed.STAFF_CHANGED, about_staff(staff), changes, account=staff.account)


def remove_staff(staff: Staff) -> None:
    """Take somebody off the team; their login stays. Raises LastOwnerError."""
    with transaction.atomic():
        lock_account(staff.account)
        _keep_an_owner(staff)
        about = about_staff(staff)
        staff.delete()
        record(Deed.STAFF_REMOVED, about, account=staff.account)


def about_staff(staff: Staff) -> About:
    """A team member as the history names them: by the address alone, which is all the team’s page shows too."""
    return About(Thing.STAFF, staff.pk, staff.email)


def _keep_an_owner(staff: Staff) -> None:
    others = Staff.objects.filter(account=staff.account, role=Role.OWNER).exclude(pk=staff.pk)
    if not others.exists():
        raise LastOwnerError


def _address_taken(error: IntegrityError) -> Exception:
    return AddressTakenError() if "slug" in violated_constraint(error) else error
