"""What a studio does in Stripe's own dashboard, as buttons of the panel: forgive a bill, pause, give a discount."""

from bookwhen.sandbox.stripe import discounting, html, invoices, pausing, settling
from bookwhen.sandbox.stripe.errors import Json, invalid
from bookwhen.sandbox.stripe.pages import find
from bookwhen.sandbox.stripe.platform import DAY, Platform
from bookwhen.sandbox.stripe.world import World

HALF = "HALF-PRICE"
PAUSE = 30 * DAY


def choices(world: World, found: Json) -> list[tuple[str, str, str]]:
    """Return what can be done about a subscription, each as (name, button, id of what it is done to)."""
    if found["ended_at"] or found["status"] == "incomplete":
        return []
    bills = [
        (name, f"{word} the bill of {html.money(bill['amount_remaining'], bill['currency'])}", bill["id"])
        for bill in world.of("invoice", status="open")
        if invoices.subscription_of(bill) == found["id"]
        for name, word in (("void", "Void"), ("uncollectible", "Write off"))
    ]
    paused, off = found["pause_collection"], found["discounts"]
    pause = ("resume", "Resume collection") if paused else ("pause", "Pause collection for 30 days")
    discount = ("full", "Take its discount off") if off else ("half", "Give half price")
    return [*bills, (*pause, found["id"]), (*discount, found["id"])]


def told(world: World, found: Json) -> str:
    """Say what a subscription is besides its status: paused, discounted."""
    paused = found["pause_collection"]
    until = f" until {html.day(paused['resumes_at'])}" if paused and paused["resumes_at"] else ""
    names = [discounting.coupon_of(world, each)["name"] for each in discounting.held(world, found)]
    return ", ".join([*([f"collection paused{until}"] if paused else []), *(name or "discounted" for name in names)])


def do(platform: Platform, what: str, key: str) -> Json:
    """Do one of the choices; returns the bill or the subscription as it is then."""
    if what in {"void", "uncollectible"}:
        world, bill = find(platform, "invoice", key)
        if bill["status"] != "open":
            message = f"This bill is {bill['status']}."
            raise invalid(message)
        settling.give_up(world, bill, what)
        platform.told = f"The bill is {'void' if what == 'void' else 'written off'}: nobody is asked for it any more."
        return bill
    world, found = find(platform, "subscription", key)
    match what:
        case "pause":
            resumes_at = world.now(found["customer"]) + PAUSE
            pausing.change(world, found, {"pause_collection": {"behavior": "void", "resumes_at": resumes_at}})
            platform.told = f"Bills are void until {html.day(resumes_at)}; the subscription stays {found['status']}."
        case "resume":
            pausing.change(world, found, {"pause_collection": ""})
            platform.told = "Bills are collected again, from the next one on."
        case "half":
            _discount(world, found)
            platform.told = "From the next bill on it costs half."
        case "full":
            for each in list(found["discounts"]):
                discounting.drop(world, found, each)
            platform.told = "From the next bill on it costs the full price."
        case _:
            message = f"Unknown action: {what}"
            raise invalid(message)
    return found


def _discount(world: World, found: Json) -> None:
    if HALF not in world.objects["coupon"]:
        asked = {"id": HALF, "name": "Half price", "percent_off": 50, "duration": "forever"}
        discounting.create(world, asked)
    holder = {"subscription": found["id"], "customer": found["customer"]}
    made = discounting.redeem(world, [{"coupon": HALF}], holder, world.now(found["customer"]))
    world.update(discounting.UPDATED, found, discounts=made)
