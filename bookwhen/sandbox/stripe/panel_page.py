"""The control panel as a person sees it: what each button does is said beside it, and what the last one did above."""

from collections import Counter
from collections.abc import Iterable

from bookwhen.sandbox.stripe import billing, by_hand, html, pricing, subscriptions
from bookwhen.sandbox.stripe.cards import CARDS
from bookwhen.sandbox.stripe.deliveries import Delivery
from bookwhen.sandbox.stripe.errors import Json
from bookwhen.sandbox.stripe.faults import OF_THE_API, Kind
from bookwhen.sandbox.stripe.html import esc, moment
from bookwhen.sandbox.stripe.platform import DAY, Platform
from bookwhen.sandbox.stripe.world import World

HOME = "/_sandbox/"
LATEST = 12
FAULTS: dict[Kind, str] = {
    "duplicate": "is sent twice",
    "reorder": "is held back until the one after it was sent",
    "drop": "is never sent",
    "delay": "is sent later",
    "old": "is signed with a time ten minutes ago",
    "wrong": "is signed with a wrong secret",
    "slow": "is answered later",
    "error": "does nothing and answers 500",
    "error_after": "is done, but answers 500",
}
NEXT_WEBHOOK = "The next webhook"
NEXT_CALL = "The studio’s next call"
RULES = {"cancel": "cancelled", "unpaid": "left unpaid", "past_due": "left past due"}
COUNTED = (
    ("invoice.created", "invoice made", "invoices made"),
    ("invoice.paid", "invoice paid", "invoices paid"),
    ("invoice.payment_failed", "payment failed", "payments failed"),
    ("customer.subscription.deleted", "subscription ended", "subscriptions ended"),
    ("checkout.session.expired", "checkout expired", "checkouts expired"),
)


def counted(number: int, one: str, many: str) -> str:
    """Return `1 invoice` or `2 invoices`."""
    return f"{number} {one if number == 1 else many}"


def span(seconds: int) -> str:
    """Return a span of time in days and hours, or in minutes below an hour."""
    days, hours = seconds // DAY, seconds % DAY // 3600
    parts = [counted(days, "day", "days")] * bool(days) + [counted(hours, "hour", "hours")] * bool(hours)
    return " and ".join(parts) or counted(seconds // 60, "minute", "minutes")


def happened(types: Iterable[str], posted: int) -> str:
    """Say what events there were, by their types, and how many webhooks tell of them."""
    counts = Counter(types)
    if not counts:
        return "Nothing fell due."
    told = [counted(counts[kind], one, many) for kind, one, many in COUNTED if counts[kind]]
    told.append(counted(counts.total(), "event in all", "events in all"))
    sent = f"{counted(posted, 'webhook is', 'webhooks are')} on the way to the studio." if posted else "No webhook."
    return f"{', '.join(told)}. {sent}"


def home(platform: Platform) -> str:
    """Show the whole panel."""
    parts = (
        _clock(platform),
        *(_account(world) for world in platform.worlds.values()),
        _webhooks(platform),
        _faults(platform),
        _rules(platform),
        _cards(),
        _events(platform),
    )
    return (
        "<p>This program plays Stripe for the demo. What you do here happens at Stripe; the studio hears of it by "
        "webhook, as it would from Stripe itself.</p>"
        + (f'<p class="said" role="status">{esc(platform.told)}</p>' if platform.told else "")
        + html.error("; ".join(platform.complaints))
        + "".join(f"<section>{part}</section>" for part in parts)
        + f'<p>As JSON: <a href="{HOME}state">everything</a>, <a href="{HOME}deliveries">webhooks</a></p>'
    )


def _clock(platform: Platform) -> str:
    ahead = f" ({span(platform.offset)} ahead of the real time)" if platform.offset >= DAY // 24 else ""
    end = billing.next_renewal(platform)
    if end is None:
        period = "<p>There is no subscription to renew yet. Buy a membership in the studio first.</p>"
    else:
        period = _button("advance", "Move on by a period", by="period") + (
            f"<p>To the next renewal, {moment(end)}, and until its invoice was paid an hour later.</p>"
        )
    steps = "".join(_button("advance", f"1 {by}", quiet=True, by=by) for by in ("hour", "day", "week", "month"))
    return (
        f'<h2>Stripe’s time</h2><p class="big">{moment(platform.now())}{ahead}</p>'
        '<p class="note">The buttons move <b>Stripe’s time, not the studio’s</b>. Stripe renews subscriptions, tries '
        "failed payments again and lets checkouts expire; the studio’s own pages still go by today’s date. Time never "
        f"moves back: <code>python3 dev.py run --reset</code> begins anew.</p>{period}<h3>Or move on by</h3>{steps}"
    )


def _account(world: World) -> str:
    rows = [_subscription(world, each) for each in world.of("subscription")[::-1]]
    heads = ("Customer", "Membership", "Status", "")
    return (
        f"<h2>Subscriptions at {esc(world.name)}</h2>"
        + (html.table(rows, heads) if rows else "<p>None yet.</p>")
        + f'<p class="id">Account {esc(world.account)}</p>'
    )


def _subscription(world: World, found: Json) -> tuple[str, ...]:
    customer = world.objects["customer"].get(found["customer"], {})
    item = subscriptions.item_of(found)
    product = world.objects["product"].get(item["price"]["product"], {})
    end = found["ended_at"] or found["cancel_at"]
    word = "ended" if found["ended_at"] else "ends" if found["cancel_at"] else "renews"
    each = sum(pricing.amount_of(item["price"], item.get("quantity", 0)) for item in found["items"]["data"])
    price = html.money(each, found["currency"]) + html.per(item["price"])
    return (
        f'{esc(customer.get("email") or found["customer"])}<br><span class="id">{esc(found["id"])}</span>',
        f"{esc(product.get('name', ''))}<br>{price}",
        _status(world, found),
        f"{word} {html.day(end or subscriptions.period_end(found))}",
    )


def _status(world: World, found: Json) -> str:
    more = by_hand.told(world, found)
    buttons = "".join(
        _button("by-hand", text, quiet=True, what=what, id=key) for what, text, key in by_hand.choices(world, found)
    )
    note = f'<br><span class="id">{esc(more)}</span>' if more else ""
    folded = f"<details><summary>In Stripe’s dashboard</summary>{buttons}</details>" if buttons else ""
    return f"{esc(found['status'].replace('_', ' '))}{note}{folded}"


def _webhooks(platform: Platform) -> str:
    unsent = platform.deliveries.unsent()
    rows = [
        (
            f'{esc(each.event["type"])}<br><span class="id">{esc(each.event["id"])}</span>',
            esc(_answer(each, waits=each in unsent)),
            _button("resend", "Send again", quiet=True, event=each.event["id"]),
        )
        for each in platform.deliveries.log[: -LATEST - 1 : -1]
    ]
    urls = [
        each["url"] for world in platform.worlds.values() for each in world.of("webhook_endpoint", status="enabled")
    ]
    to = esc(", ".join(urls)) or "nowhere yet: the studio makes an endpoint when it is connected"
    waiting = counted(len(unsent), "webhook waits", "webhooks wait") if unsent else "None waits"
    table = html.table(rows, ("Event", "The studio answered", "")) if rows else "<p>None yet.</p>"
    return (
        f'<h2>Webhooks to the studio</h2><p>{waiting} to be sent. <a href="{HOME}">Look again</a></p>'
        f'<p class="id">They go to {to}.</p>{table}'
    )


def _answer(delivery: Delivery, *, waits: bool) -> str:
    fault = f" (fault: {FAULTS[delivery.fault]})" if delivery.fault else ""
    if delivery.status is None:
        return ("not sent" if delivery.fault else "not sent yet") + fault
    answered = f"{delivery.status}" if delivery.status else "nothing"
    tries = f", sent {len(delivery.tries)} times" if len(delivery.tries) > 1 else ""
    again = "; tried again soon" if waits else ""
    return answered + tries + again + fault


def _faults(platform: Platform) -> str:
    kinds = "".join(
        f'<option value="{kind}">{NEXT_CALL if kind in OF_THE_API else NEXT_WEBHOOK} {text}</option>'
        for kind, text in FAULTS.items()
    )
    armed = "".join(
        f"<li>{NEXT_CALL if fault.kind in OF_THE_API else NEXT_WEBHOOK} {esc(FAULTS[fault.kind])}: "
        f"{esc('any' if fault.only == '*' else fault.only)}, {counted(fault.times, 'time', 'times')}</li>"
        for fault in platform.faults.kept()
    )
    disarm = f"<h3>Armed now</h3><ul>{armed}</ul>{_button('faults/clear', 'Disarm all', quiet=True)}" if armed else ""
    return (
        "<h2>Let something go wrong</h2><p>A fault waits until it fits and strikes as often as you say.</p>"
        f'<form method="post" action="{HOME}faults"><label for="kind">What goes wrong</label>'
        f'<select id="kind" name="kind">{kinds}</select><div class="row">'
        '<div><label for="only">Only for</label><input id="only" name="only" value="*" aria-describedby="only-help">'
        '<p class="id" id="only-help">* for any; or an event such as invoice.paid; or a call such as POST /v1/checkout'
        "</p></div>"
        '<div><label for="times">How many times</label><input id="times" name="times" value="1" inputmode="numeric">'
        '</div><div><label for="ms">How much later (ms)</label>'
        '<input id="ms" name="milliseconds" value="3000" inputmode="numeric"></div></div>'
        f"<button>Arm the fault</button></form>{disarm}"
    )


def _rules(platform: Platform) -> str:
    options = "".join(
        f'<option value="{rule}"{" selected" if rule == platform.after_retries else ""}>{text}</option>'
        for rule, text in RULES.items()
    )
    days = ", then ".join(f"after {each // DAY} days" for each in platform.retries)
    return (
        f"<h2>When a renewal cannot be paid</h2><p>Stripe tries again {days}.</p>"
        f'<form method="post" action="{HOME}rules"><label for="rule">If the last try fails, the subscription is</label>'
        f'<select id="rule" name="after_retries">{options}</select><button class="quiet">Save</button></form>'
    )


def _cards() -> str:
    cards = "".join(
        f"<li><code>{' '.join(card.number[at : at + 4] for at in range(0, 16, 4))}</code> {esc(card.label)}</li>"
        for card in CARDS
    )
    return f"<h2>Test cards</h2><ul>{cards}</ul>"


def _events(platform: Platform) -> str:
    events = [each for world in platform.worlds.values() for each in world.of("event")]
    rows = [
        (
            esc(each["type"]),
            f'<span class="id">{esc(each["data"]["object"].get("id", ""))}</span>',
            moment(each["created"]),
        )
        for each in events[: -2 * LATEST - 1 : -1]
    ]
    table = html.table(rows, ("Event", "About", "When")) if rows else "<p>None yet.</p>"
    return f"<details><summary><h2>Latest events</h2></summary>{table}</details>"


def _button(action: str, text: str, *, quiet: bool = False, **hidden: str) -> str:
    fields = "".join(f'<input type="hidden" name="{k}" value="{esc(v)}">' for k, v in hidden.items())
    look = ' class="quiet"' if quiet else ""
    return f'<form method="post" action="{HOME}{action}">{fields}<button{look}>{esc(text)}</button></form>'
