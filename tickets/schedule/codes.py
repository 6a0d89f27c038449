"""Discount codes of an account: made, changed, switched off and deleted, together with what they are for."""

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.history.recording import About, Change, is_recorded, model_changes, record, record_changes
from accounts.models import Account, Deed, SchedulePage, Thing
from bookwhen.db import is_named, violated_constraint
from tickets.models import CodeCoverage, CodeCustomer, CodeUses, DiscountCode, Ticket, fold_code
from tickets.schedule.code_texts import covered_by_codes, describe_code
from tickets.schedule.coverage import CoverageChange, with_family


class CodeTakenError(Exception):
    """The account has a code that people would take for this one."""


class CodeUsedError(Exception):
    """It was used: what it is called and what it takes off stays, and so does it."""


class BelowUsedError(Exception):
    """It was used more often than the limit says; `used` is how often."""

    def __init__(self, used: int) -> None:
        super().__init__(used)
        self.used = used


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSettings:
    """What a studio says of a discount code; dates are local ones, both included, `amount_off` is in minor units."""

    code: str
    note: str = ""
    percent: int | None = None
    amount_off: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    limit: int | None = None
    """How many bookings may be made with it in all; `customer_limit`: by one customer."""
    customer_limit: int | None = None
    enabled: bool = True

    def columns(self) -> dict[str, Any]:
        """The columns of `DiscountCode`; the limit stands with the counter."""
        given = {name: value for name, value in asdict(self).items() if name != "limit"}
        return given | {"folded": fold_code(self.code)}


LOCKED: Final = ("folded", "percent", "amount_off")
"""What of a code stays once it was used: people have it in their hands, and paid by it."""
_FIELDS: Final = {"note": _("Note"), "enabled": _("Can be used")}


def code_settings(code: DiscountCode) -> CodeSettings:
    """What a code (with its `uses`) says now."""
    names = [each.name for each in fields(CodeSettings) if each.name != "limit"]
    return CodeSettings(limit=code.uses.limit, **{name: getattr(code, name) for name in names})


def was_used(code: DiscountCode) -> bool:
    """Whether a booking or an open basket uses a code (with its `uses`)."""
    return code.uses.used > 0


def create_code(
    account: Account, settings: CodeSettings, cover: CoverageChange, *, key: UUID, now: datetime
) -> DiscountCode:
    """Make a code; the same `key` again returns the one that it made. Raises CodeTakenError."""
    known = DiscountCode.objects.filter(account=account, key=key).select_related("uses")
    if made := known.first():
        return made
    try:
        with transaction.atomic():
            code = DiscountCode.objects.create(account=account, key=key, created_at=now, **settings.columns())
            code.uses = CodeUses.objects.create(code=code, account_id=account.pk, limit=settings.limit)
            _set_coverage(code, cover)
            record(
                Deed.CODE_CREATED, about_code(code), account=account, changes=[Change(_("Terms"), "", _as_read(code))]
            )
    except IntegrityError as error:
        match violated_constraint(error):
            case "discount_code_once":
                raise CodeTakenError from None
            case "discount_code_key_once":  # the same form in two tabs
                return known.get()
        raise
    return code


def edit_code(code: DiscountCode, settings: CodeSettings, cover: CoverageChange | None) -> DiscountCode:
    """Change a code; without `cover`, what it is for stays. Open baskets are priced by it when they are next looked at.

    Raises CodeTakenError, CodeUsedError where more than may be changes, and BelowUsedError.
    """
    try:
        with transaction.atomic():
            # Before the code itself, as where it is used: nobody begins to while what it takes off changes.
            CodeUses.objects.select_for_update(no_key=True).get(account_id=code.account_id, code=code)
            held = DiscountCode.objects.select_related("account", "uses").get(account=code.account_id, pk=code.pk)
            before, read, columns = code_settings(held), _as_read(held), settings.columns()
            if was_used(held) and any(columns[name] != getattr(held, name) for name in LOCKED):
                raise CodeUsedError
            was = DiscountCode(**{name: getattr(held, name) for name in _FIELDS})
            if settings.limit != before.limit:
                CodeUses.objects.filter(account_id=held.account_id, code=held).update(limit=settings.limit)
            for name, value in columns.items():
                setattr(held, name, value)
            held.save(update_fields=list(columns))
            held.uses.limit = settings.limit
            if cover is not None:
                _set_coverage(held, cover)
            changes = [Change(_("Terms"), read, _as_read(held)), *model_changes(was, held, _FIELDS)]
            record_changes(Deed.CODE_CHANGED, about_code(held), changes, account=held.account_id)
    except IntegrityError as error:
        match violated_constraint(error):
            case "discount_code_once":
                raise CodeTakenError from None
            case "code_uses_within_limit":
                raise BelowUsedError(CodeUses.objects.get(account_id=code.account_id, code=code).used) from None
        raise
    return held


def can_delete(code: DiscountCode) -> bool:
    """Whether a code was never in a basket: what was is kept, for the sake of what was booked and sold by it."""
    return not is_named(code, apart_from=[CodeUses, CodeCoverage, CodeCustomer])


def delete_code(code: DiscountCode) -> None:
    """Delete a code that nobody has used; again does nothing. Raises CodeUsedError."""
    with transaction.atomic():
        if not CodeUses.objects.select_for_update().filter(account_id=code.account_id, code=code).exists():
            return
        if not can_delete(code):
            raise CodeUsedError
        about = about_code(code)
        code.delete()
        record(Deed.CODE_DELETED, about, account=code.account_id)


def is_for_all(cover: CoverageChange) -> bool:
    """Whether nothing is chosen that a code is for: then it is for every ticket that is not exclusive."""
    return not cover.pages and not cover.keeps_tickets


def about_code(code: DiscountCode) -> About:
    """A code as the history names it."""
    return About(Thing.DISCOUNT_CODE, code.pk, code.code)


def _as_read(code: DiscountCode) -> str:
    """A code's terms as people read them; empty where nothing is recorded."""
    if not is_recorded():
        return ""
    covered = covered_by_codes(code.account, [code])[code.pk]
    return describe_code(code, code.account, covered, limit=code.uses.limit)


def _set_coverage(code: DiscountCode, cover: CoverageChange) -> None:
    """Let a code be for these pages, and with or without these tickets; where nothing is chosen, for all."""
    account = code.account_id
    rows = CodeCoverage.objects.filter(account=account, code=code)
    code.for_all = is_for_all(cover)
    code.save(update_fields=["for_all"])
    rows.filter(page__isnull=False).exclude(page__in=cover.pages).delete()
    dropped = rows.filter(ticket__isnull=False)
    (dropped.filter(ticket__in=with_family(account, cover.drop)) if cover.keeps_tickets else dropped).delete()
    own = SchedulePage.objects.filter(account=account, pk__in=cover.pages).values_list("pk", flat=True)
    sold = Ticket.objects.filter(account=account, pk__in=with_family(account, cover.add)).values_list("pk", flat=True)
    CodeCoverage.objects.bulk_create(
        [
            *(CodeCoverage(account_id=account, code=code, page_id=page) for page in own),
            *(CodeCoverage(account_id=account, code=code, ticket_id=ticket) for ticket in sold),
        ],
        ignore_conflicts=True,
    )
