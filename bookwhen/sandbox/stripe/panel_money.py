"""The panel's part about payments: what was paid, what customers' banks do about it, and refunds made in Stripe."""

from bookwhen.sandbox.stripe import disputes, html, payouts, refunds
from bookwhen.sandbox.stripe.errors import Json, Refused, invalid
from bookwhen.sandbox.stripe.html import esc
from bookwhen.sandbox.stripe.pages import find
from bookwhen.sandbox.stripe.platform import Platform
from bookwhen.sandbox.stripe.world import World

PREFIX = "money/"
HOME = f"/_sandbox/{PREFIX}"
LATEST = 8
DECISIONS = {"won": "Studio wins", "lost": "Studio loses", "warning_closed": "Close inquiry"}


def section(platform: Platform) -> str:
    """Show the latest payments, and what can happen to each."""
    paid = [(world, each) for world in platform.worlds.values() for each in world.of("charge", status="succeeded")]
    rows = [(_charge(world, each), _what_next(world, each)) for world, each in paid[: -LATEST - 1 : -1]]
    table = html.table(rows, ("Payment", "")) if rows else "<p>None yet.</p>"
    return f"<h2>Payments, disputes and refunds</h2>{table}{_payouts(platform)}"


def do(platform: Platform, what: str, form: Json) -> Json:
    """Do what a button of this part says, and tell it."""
    if what in {"dispute", "inquiry", "refund"}:
        world, charge = _charge_of(platform, form)
        amount = str(form.get("amount") or "")
        if amount and not amount.isdigit():
            message = "An amount is a number of pence or cents."
            raise invalid(message, "amount")
        return _begin(platform, world, charge, what, int(amount) if amount else None)
    if what == "refund/become":
        world, refund = find(platform, "refund", str(form.get("refund")))
        refunds.become(world, refund, str(form.get("status")), str(form.get("failure") or "unknown"))
        platform.told = f"The refund {refund['id']} is {refund['status'].replace('_', ' ')}."
        return refund
    if what in {"escalate", *DECISIONS}:
        world, dispute = find(platform, "dispute", str(form.get("dispute")))
        _decide(world, dispute, what)
        platform.told = f"The dispute {dispute['id']} is {dispute['status'].replace('_', ' ')}."
        return dispute
    if what == "payout/fail":
        world, payout = find(platform, "payout", str(form.get("payout")))
        payouts.fail(world, payout, str(form.get("failure") or "could_not_process"))
        platform.told = f"The payout {payout['id']} failed."
        return payout
    raise Refused(404, "There is no such page.")


def _payouts(platform: Platform) -> str:
    """Show the latest payouts; any of them may still fail."""
    found = [each for world in platform.worlds.values() for each in world.of("payout")]
    rows = [(_payout(each), _may_fail(each)) for each in found[: -LATEST - 1 : -1]]
    table = html.table(rows, ("Payout", "")) if rows else "<p>None yet: move the clock on by three days.</p>"
    return f"<h2>Payouts</h2>{table}"


def _payout(payout: Json) -> str:
    amount, state = html.money(payout["amount"], payout["currency"]), payout["status"].replace("_", " ")
    return f"{amount}, {esc(state)}, arrives on {html.day(payout['arrival_date'])}"


def _may_fail(payout: Json) -> str:
    if payout["status"] in {"failed", "canceled"}:
        return ""
    return _button("payout/fail", "Let it fail", payout=payout["id"], failure="account_closed")


def _charge_of(platform: Platform, form: Json) -> tuple[World, Json]:
    """The payment that a button is about: a `charge`, or the last one of an `intent`."""
    if "intent" not in form:
        return find(platform, "charge", str(form.get("charge")))
    world, intent = find(platform, "payment_intent", str(form["intent"]))
    return world, world.get("charge", str(intent["latest_charge"]))


def _begin(platform: Platform, world: World, charge: Json, what: str, amount: int | None) -> Json:
    if what == "refund":
        given = {"charge": charge["id"]} | ({} if amount is None else {"amount": amount})
        platform.told = f"The payment {charge['id']} was refunded in Stripe."
        return refunds.create(world, given)
    platform.told = f"The customer’s bank {'asks about' if what == 'inquiry' else 'disputes'} {charge['id']}."
    return disputes.begin(world, charge, amount=amount, inquiry=what == "inquiry")


def _decide(world: World, dispute: Json, what: str) -> None:
    match what:
        case "won" | "lost" | "warning_closed":
            disputes.decide(world, dispute, what)
        case _:
            disputes.escalate(world, dispute)


def _charge(world: World, charge: Json) -> str:
    customer = world.objects["customer"].get(charge["customer"] or "", {})
    back = charge["amount_refunded"]
    refunded = f", {html.money(back, charge['currency'])} refunded" if back else ""
    return (
        f"{html.money(charge['amount'], charge['currency'])}{refunded}<br>{esc(customer.get('email') or '')}"
        f'<br><span class="id">{esc(charge["id"])}</span>'
    )


def _what_next(world: World, charge: Json) -> str:
    parts = [_dispute(each) for each in world.of("dispute", charge=charge["id"])]
    parts += [_refund(each) for each in world.of("refund", charge=charge["id"])]
    hidden = {"charge": charge["id"]}
    parts.append(_button("dispute", "Dispute", **hidden) + _button("inquiry", "Bank inquiry", **hidden))
    if not charge["refunded"]:
        parts.append(_button("refund", "Refund in Stripe", **hidden))
    return "<br>".join(parts)


def _dispute(dispute: Json) -> str:
    shown = f"{html.money(dispute['amount'], dispute['currency'])} {esc(dispute['status'].replace('_', ' '))}"
    hidden = {"dispute": dispute["id"]}
    if dispute["status"] in disputes.INQUIRIES:
        close = _button("warning_closed", DECISIONS["warning_closed"], **hidden)
        return f"{shown} {close}{_button('escalate', 'Becomes a dispute', **hidden)}"
    if dispute["status"] in disputes.OVER:
        return shown
    return shown + " " + "".join(_button(each, DECISIONS[each], **hidden) for each in ("won", "lost"))


def _refund(refund: Json) -> str:
    shown = f"Refund of {html.money(refund['amount'], refund['currency'])}: {esc(refund['status'].replace('_', ' '))}"
    if refund["status"] in refunds.NOT_MADE:
        return shown
    hidden = {"refund": refund["id"], "failure": "expired_or_canceled_card"}
    return f"{shown} {_button('refund/become', 'Let it fail', status='failed', **hidden)}"


def _button(action: str, text: str, **hidden: str) -> str:
    fields = "".join(f'<input type="hidden" name="{k}" value="{esc(v)}">' for k, v in hidden.items())
    return f'<form method="post" action="{HOME}{action}">{fields}<button class="quiet">{esc(text)}</button></form> '
