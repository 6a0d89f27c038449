"""The control panel under `/_sandbox/`: the clock, the faults, the rules, and what happened. Pages and JSON alike."""

import json
from typing import get_args

from bookwhen.sandbox.stripe import account, billing, checkout, html, subscriptions
from bookwhen.sandbox.stripe.errors import Json, Refused, invalid
from bookwhen.sandbox.stripe.faults import KINDS
from bookwhen.sandbox.stripe.html import Page, esc, moment
from bookwhen.sandbox.stripe.pages import find
from bookwhen.sandbox.stripe.platform import AFTER_RETRIES, DAY, AfterRetries, Platform
from bookwhen.sandbox.stripe.world import World

HOME = "/_sandbox/"
STEPS = {"hour": 3600, "day": DAY, "week": 7 * DAY}
UNTIL_PAID = 3600 + 60
"""A renewal's invoice is a draft for an hour: a period's step ends after it was paid."""
LATEST = 30


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
    platform.offset += seconds
    billing.settle(platform)
    return seconds


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
    done = _do(platform, what, form)
    return _json(done) if as_json else Page(location=HOME, status=303)


def _json(data: Json) -> Page:
    return Page(json.dumps(data, indent=2), kind="application/json")


def _shown(platform: Platform, what: str) -> Page:
    match what:
        case "":
            return html.shown("Stripe sandbox", _home(platform))
        case "state":
            return _json(state(platform))
        case "faults":
            return _json({"armed": platform.faults.armed(), "kinds": list(KINDS)})
        case "deliveries":
            return _json({"deliveries": [each.told() for each in platform.deliveries.log]})
    raise Refused(404, "There is no such page.")


def _do(platform: Platform, what: str, form: Json) -> Json:
    match what:
        case "advance":
            return {"seconds": advance(platform, str(form.get("by", ""))), "now": platform.now()}
        case "faults":
            return _arm(platform, form)
        case "faults/clear":
            platform.faults.clear()
            return {}
        case "rules":
            return _rule(platform, form)
        case "expire":
            world, session = find(platform, "checkout.session", str(form.get("session")))
            checkout.expire_by_call(world, {}, session["id"])
            return session
        case "roll":
            world, endpoint = find(platform, "webhook_endpoint", str(form.get("endpoint")))
            return {"secret": account.new_secret(world, endpoint["id"], keep_old=True)}
        case "resend":
            return _resend(platform, str(form.get("event")))
    raise Refused(404, "There is no such page.")


def _arm(platform: Platform, form: Json) -> Json:
    kind = next((each for each in KINDS if each == form.get("kind")), None)
    numbers = {name: str(form.get(name, default)) for name, default in (("times", "1"), ("milliseconds", "0"))}
    if kind is None or not all(number.isdigit() for number in numbers.values()):
        message = f"A fault is one of {', '.join(KINDS)}, with `times` and `milliseconds` as numbers."
        raise invalid(message, "kind")
    only = str(form.get("only", "") or "*")
    platform.faults.arm(kind, only, times=int(numbers["times"]), milliseconds=int(numbers["milliseconds"]))
    return {"armed": platform.faults.armed()}


def _rule(platform: Platform, form: Json) -> Json:
    wanted: AfterRetries | None = next((r for r in get_args(AfterRetries) if r == form.get("after_retries")), None)
    if wanted is None:
        message = f"after_retries is one of {', '.join(AFTER_RETRIES)}."
        raise invalid(message, "after_retries")
    platform.after_retries = wanted
    return {"after_retries": wanted}


def _resend(platform: Platform, key: str) -> Json:
    world, event = find(platform, "event", key)
    for endpoint in world.of("webhook_endpoint", status="enabled"):
        world.send(event, endpoint)
    return event


def _home(platform: Platform) -> str:
    clock = f"<p>It is <b>{moment(platform.now())}</b> here.</p>" + "".join(
        _form("advance", f"On by a {by}" if by != "period" else "On to the next renewal", by=by)
        for by in ("hour", "day", "week", "month", "period")
    )
    kinds = "".join(f"<option>{kind}</option>" for kind in KINDS)
    fault = (
        f'<form method="post" action="{HOME}faults"><label for="kind">Fault</label>'
        f'<select id="kind" name="kind">{kinds}</select>'
        '<label for="only">Only for (a type of event, or METHOD /path)</label><input id="only" name="only" value="*">'
        '<label for="times">Times</label><input id="times" name="times" value="1"><label for="ms">Milliseconds</label>'
        '<input id="ms" name="milliseconds" value="0"><button>Arm</button></form>'
    )
    armed = [
        (esc(f["kind"]), esc(f["only"]), f"{f['times']} times", f"{f['milliseconds']} ms")
        for f in platform.faults.armed()
    ]
    rules = f"<p>When all retries failed: <b>{platform.after_retries}</b></p>" + "".join(
        _form("rules", each, after_retries=each) for each in AFTER_RETRIES
    )
    parts = (
        clock,
        f"<h2>Faults</h2>{fault}{html.table(list(armed))}{_form('faults/clear', 'Disarm all')}",
        f"<h2>Rules</h2>{rules}",
        *(_account(world) for world in platform.worlds.values()),
        f'<p><a href="{HOME}state">All as JSON</a> · <a href="{HOME}deliveries">Webhook deliveries</a></p>',
    )
    return "".join(f"<section>{part}</section>" for part in parts)


def _form(action: str, text: str, **hidden: str) -> str:
    fields = "".join(f'<input type="hidden" name="{k}" value="{esc(v)}">' for k, v in hidden.items())
    return f'<form method="post" action="{HOME}{action}">{fields}<button class="quiet">{esc(text)}</button></form>'


def _account(world: World) -> str:
    living = [
        (esc(each["id"]), esc(each["status"]), f"until {moment(subscriptions.period_end(each))}")
        for each in world.of("subscription")
    ]
    events = [
        (esc(each["type"]), esc(each["data"]["object"].get("id", "")), moment(each["created"]))
        for each in world.of("event")[: -LATEST - 1 : -1]
    ]
    tables = f"<h3>Subscriptions</h3>{html.table(list(living))}<h3>Latest events</h3>{html.table(list(events))}"
    return f"<h2>Account {esc(world.account)}</h2>{tables}"
