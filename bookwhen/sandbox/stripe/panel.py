"""The control panel under `/_sandbox/`: the clock, the faults, the rules, and what happened. Pages and JSON alike."""

import json
from collections.abc import Callable
from typing import get_args

from bookwhen.sandbox.stripe import (
    account,
    billing,
    by_hand,
    checkout,
    debits,
    html,
    panel_money,
    panel_page,
    subscriptions,
)
from bookwhen.sandbox.stripe.errors import Json, Refused, invalid
from bookwhen.sandbox.stripe.faults import KINDS, OF_THE_API
from bookwhen.sandbox.stripe.html import Page, moment
from bookwhen.sandbox.stripe.pages import find
from bookwhen.sandbox.stripe.panel_page import HOME, span
from bookwhen.sandbox.stripe.platform import AFTER_RETRIES, DAY, AfterRetries, Platform, Restricted

STEPS = {"hour": 3600, "day": DAY, "week": 7 * DAY}
UNTIL_PAID = 3600 + 60
"""A renewal's invoice is a draft for an hour: a period's step ends after it was paid."""


def advance(platform: Platform, by: str) -> int:
    """Move the clock on and do all that falls due on the way; return the seconds.

    `by` is hour, day, week, month, `period` (until the next renewal of anyone was paid), or a number of seconds.
    """
    now = platform.now()
    if by == "period":
        end = billing.next_renewal(platform)
        if end is None:
            message = "There is no subscription to renew."
            raise invalid(message, "by")
        seconds = max(0, end - now) + UNTIL_PAID
    elif by == "month":
        seconds = subscriptions.later(now, {"interval": "month", "interval_count": 1}, 1) - now
    elif by in STEPS or by.isdigit():
        seconds = STEPS[by] if by in STEPS else int(by)
    else:
        message = "Say hour, day, week, month, period or a number of seconds."
        raise invalid(message, "by")
    before = {key: len(world.objects["event"]) for key, world in platform.worlds.items()}
    posted = platform.deliveries.posted
    platform.offset += seconds
    billing.settle(platform)
    types = [each["type"] for key, world in platform.worlds.items() for each in world.of("event")[before.get(key, 0) :]]
    platform.told = (
        f"Stripe’s time moved on by {span(seconds)} and is now {moment(platform.now())}. "
        + panel_page.happened(types, platform.deliveries.posted - posted)
    )
    return seconds


def begin(platform: Platform, by: str) -> int:
    """Set the clock of an empty sandbox back by seconds, so that what came since can be lived through; return them."""
    if not by.isdigit() or any(world.objects["event"] for world in platform.worlds.values()):
        message = "Only a sandbox in which nothing happened yet can be set back, by a number of seconds."
        raise invalid(message, "by")
    platform.offset -= int(by)
    platform.told = f"Stripe’s time was set back by {span(int(by))}."
    return int(by)


def state(platform: Platform) -> Json:
    """Return all there is, by account."""
    return {
        "now": platform.now(),
        "offset": platform.offset,
        "after_retries": platform.after_retries,
        "retries": list(platform.retries),
        "complaints": platform.complaints,
        "faults": platform.faults.armed(),
        "accounts": {
            world.account: {kind: list(found.values()) for kind, found in world.objects.items() if found}
            for world in platform.worlds.values()
        },
    }


def answer(platform: Platform, path: str, form: Json | None, *, as_json: bool) -> Page:
    """Show the panel or its data, or do what was asked for."""
    what = path.removeprefix(HOME)
    if form is None:
        return _shown(platform, what)
    is_money = what.startswith(panel_money.PREFIX)
    done = (
        panel_money.do(platform, what.removeprefix(panel_money.PREFIX), form) if is_money else _do(platform, what, form)
    )
    return _json(done) if as_json else Page(location=HOME, status=303)


def _json(data: Json) -> Page:
    return Page(json.dumps(data, indent=2), kind="application/json")


def _shown(platform: Platform, what: str) -> Page:
    match what:
        case "":
            return html.shown("Stripe sandbox", panel_page.home(platform), wide=True)
        case "state":
            return _json(state(platform))
        case "faults":
            return _json({"armed": platform.faults.armed(), "kinds": list(KINDS)})
        case "deliveries":
            return _json({"deliveries": [each.told() for each in platform.deliveries.log]})
    raise Refused(404, "There is no such page.")


def _do(platform: Platform, what: str, form: Json) -> Json:
    if what not in BUTTONS:
        raise Refused(404, "There is no such page.")
    return BUTTONS[what](platform, form)


def _move(platform: Platform, form: Json) -> Json:
    seconds = advance(platform, str(form.get("by", "")))
    events = sum(len(world.objects["event"]) for world in platform.worlds.values())
    return {"seconds": seconds, "now": platform.now(), "events": events}


def _begin(platform: Platform, form: Json) -> Json:
    return {"seconds": begin(platform, str(form.get("by", ""))), "now": platform.now()}


def _expire(platform: Platform, form: Json) -> Json:
    world, session = find(platform, "checkout.session", str(form.get("session")))
    checkout.expire_by_call(world, {}, session["id"])
    platform.told = f"The checkout {session['id']} expired."
    return session


def _roll(platform: Platform, form: Json) -> Json:
    world, endpoint = find(platform, "webhook_endpoint", str(form.get("endpoint")))
    platform.told = f"{endpoint['url']} has a new secret; from now on webhooks are signed with both."
    return {"secret": account.new_secret(world, endpoint["id"], keep_old=True)}


def _do_by_hand(platform: Platform, form: Json) -> Json:
    return by_hand.do(platform, str(form.get("what")), str(form.get("id")))


def _arm(platform: Platform, form: Json) -> Json:
    kind = next((each for each in KINDS if each == form.get("kind")), None)
    numbers = {name: str(form.get(name, default)) for name, default in (("times", "1"), ("milliseconds", "0"))}
    if kind is None or not all(number.isdigit() for number in numbers.values()):
        message = f"A fault is one of {', '.join(KINDS)}, with `times` and `milliseconds` as numbers."
        raise invalid(message, "kind")
    only = str(form.get("only", "") or "*")
    what = panel_page.NEXT_CALL if kind in OF_THE_API else panel_page.NEXT_WEBHOOK
    platform.told = f"A fault is armed. {what} {panel_page.FAULTS[kind]}."
    platform.faults.arm(kind, only, times=int(numbers["times"]), milliseconds=int(numbers["milliseconds"]))
    return {"armed": platform.faults.armed()}


def _disarm(platform: Platform, _form: Json) -> Json:
    platform.faults.clear()
    platform.told = "No fault is armed any more."
    return {}


def _rule(platform: Platform, form: Json) -> Json:
    wanted: AfterRetries | None = next((r for r in get_args(AfterRetries) if r == form.get("after_retries")), None)
    if wanted is None:
        message = f"after_retries is one of {', '.join(AFTER_RETRIES)}."
        raise invalid(message, "after_retries")
    platform.after_retries = wanted
    platform.told = f"When the last try to collect a payment fails, the subscription is {panel_page.RULES[wanted]}."
    return {"after_retries": wanted}


def _settle_debit(platform: Platform, form: Json) -> Json:
    world, intent = find(platform, "payment_intent", str(form.get("intent")))
    paid = form.get("outcome") == "paid"
    debits.settle(world, intent, paid=paid)
    platform.told = f"The debit {intent['id']} {'was paid' if paid else 'was refused by the bank'}."
    return intent


def _restrict(platform: Platform, form: Json) -> Json:
    """Make a restricted key, or change what it may do: `allow` are its rights (`charge_write`), with commas."""
    key, of, allowed = (str(form.get(name, "")) for name in ("key", "of", "allow"))
    platform.restricted[key] = Restricted(of, frozenset(filter(None, allowed.replace(" ", "").split(","))))
    platform.told = f"{key} is a restricted key of the account of {of} and may do: {allowed or 'nothing'}."
    return {"key": key, "allow": sorted(platform.restricted[key].allowed)}


def _set_domain(platform: Platform, form: Json) -> Json:
    key, url = str(form.get("key")), str(form.get("url"))
    platform.domains[key] = url
    platform.told = f"The hosted pages of {key} are at {url} from now on."
    return {"domains": platform.domains}


def _resend(platform: Platform, form: Json) -> Json:
    world, event = find(platform, "event", str(form.get("event")))
    for endpoint in world.of("webhook_endpoint", status="enabled"):
        world.send(event, endpoint)
    platform.told = f"{event['type']} is on its way to the studio once more."
    return event


BUTTONS: dict[str, Callable[[Platform, Json], Json]] = {
    "advance": _move,
    "begin": _begin,
    "by-hand": _do_by_hand,
    "debit": _settle_debit,
    "domain": _set_domain,
    "expire": _expire,
    "faults": _arm,
    "faults/clear": _disarm,
    "keys": _restrict,
    "resend": _resend,
    "roll": _roll,
    "rules": _rule,
}
