"""The hosted pages: checkout, the bank's question, an invoice to pay, the portal. What the customer sees and does."""

from collections.abc import Callable

from bookwhen.sandbox.stripe import bank_accounts, cards, checkout, collecting, html, invoices, portal, views
from bookwhen.sandbox.stripe.bank_accounts import BankAccount
from bookwhen.sandbox.stripe.cards import Card
from bookwhen.sandbox.stripe.errors import Json, Refused, invalid
from bookwhen.sandbox.stripe.html import Page, button, esc
from bookwhen.sandbox.stripe.platform import Platform
from bookwhen.sandbox.stripe.world import World

Show = Callable[[World, Json, str | None], Page]
Act = Callable[[World, Json, Json], Page]


def find(platform: Platform, kind: str, key: str) -> tuple[World, Json]:
    """Find an object whichever account it belongs to; 404 if there is none."""
    for world in platform.worlds.values():
        if key in world.objects[kind]:
            return world, world.objects[kind][key]
    raise Refused(404, "There is no such page.")


def answer(platform: Platform, path: str, form: Json | None) -> Page:
    """Show a page, or do what was asked for on it (`form`) and say where to go."""
    for prefix, (kind, show, act) in PAGES.items():
        if path.startswith(prefix):
            world, found = find(platform, kind, path.removeprefix(prefix))
            return _one(world, found, show, act, form)
    raise Refused(404, "There is no such page.")


def _one(world: World, found: Json, show: Show, act: Act, form: Json | None) -> Page:
    if form is None:
        return show(world, found, None)
    try:
        return act(world, found, form)
    except Refused as refusal:
        page = show(world, found, str(refusal))
        return Page(page.text, refusal.status)


def _card(form: Json) -> Card:
    number = form.get("card", "").replace(" ", "")
    if number not in cards.BY_NUMBER:
        message = "Your card number is incorrect: only the test cards work here."
        raise Refused(402, message, "card_error", code="incorrect_number")
    return cards.BY_NUMBER[number]


def _account(form: Json) -> BankAccount:
    account = bank_accounts.BY_NUMBER.get(form.get("account", ""))
    if account is None:
        message = "Only the test bank accounts work here."
        raise invalid(message)
    return account


def _act(form: Json, *known: str) -> str:
    act = str(form.get("act", ""))
    if act not in known:
        message = f"Unknown action: {act}"
        raise invalid(message)
    return act


# Checkout


def show_checkout(world: World, session: Json, problem: str | None) -> Page:
    """Show what is bought and ask for a card; a session that ended says so."""
    if session["status"] != "open":
        return html.shown("This page has ended", f"<section>This checkout is {session['status']}.</section>", 410)
    if world.note(session["id"]).get("waiting"):
        return _question(
            "Your bank asks: is it you?", html.money(checkout.total(session), session["currency"]), problem
        )
    rows = [
        (
            f"{item['quantity']} x {esc(item['description'])}",
            html.money(item["amount_total"], item["currency"]) + html.per(item["price"]),
        )
        for item in world.note(session["id"])["items"]
    ]
    rows.append(("<b>To pay now</b>", f"<b>{html.money(checkout.total(session), session['currency'])}</b>"))
    known = session["customer"] and world.get("customer", session["customer"]).get("email")
    email = known or session["customer_email"] or ""
    back = button("abandon", "Back to the shop", quiet=True) if session["cancel_url"] else ""
    return html.shown(
        "Checkout",
        f"<section>{html.table(rows)}</section>{html.error(problem)}<section>"
        f'<form method="post"><label for="email">Email address</label><input id="email" name="email" type="email" '
        f'required value="{esc(email)}">{html.card_field()}<button name="act" value="pay">Pay</button></form>'
        f"{back}</section>{_debit(session, email)}",
    )


def _debit(session: Json, email: str) -> str:
    """Let a bank account be debited instead, where the session offers that."""
    debit = checkout.debit_of(session)
    if debit is None:
        return ""
    options = "".join(
        f'<option value="{each.number}">{each.number}: {esc(each.label)}</option>' for each in bank_accounts.ACCOUNTS
    )
    return (
        f'<section><h2>Or by bank debit ({debit.replace("_", " ")})</h2><form method="post">'
        f'<label for="debit-email">Email address</label><input id="debit-email" name="email" type="email" required '
        f'value="{esc(email)}"><label for="account">Test bank account</label>'
        f'<select id="account" name="account">{options}</select>'
        '<button class="quiet" name="act" value="debit">Pay by bank debit</button></form></section>'
    )


def _question(title: str, amount: str, problem: str | None) -> Page:
    buttons = button("authenticate", "Complete authentication") + button("fail", "Fail authentication", quiet=True)
    return html.shown(
        title, f"{html.error(problem)}<section><p>3-D Secure for a payment of {amount}.</p>{buttons}</section>"
    )


def act_checkout(world: World, session: Json, form: Json) -> Page:
    """Pay, answer the bank, or go back to the shop (which leaves the session open)."""
    match _act(form, "pay", "debit", "authenticate", "fail", "abandon"):
        case "abandon":
            return Page(location=session["cancel_url"] or session["success_url"], status=303)
        case "pay":
            return _pay(world, session, _card(form), str(form.get("email", "")))
        case "debit":
            return _pay(world, session, _account(form), str(form.get("email", "")))
        case "fail":
            waiting = world.note(session["id"]).pop("waiting", None)
            _refuse(world, session)
            message = "We are unable to authenticate your payment method." if waiting else "There is nothing to answer."
            raise Refused(402, message, "card_error")
        case _:
            waiting = world.note(session["id"]).pop("waiting", None)
            if waiting is None:
                message = "There is nothing to answer."
                raise invalid(message)
            card, email = waiting
            checkout.pay(world, session, card, email, "authenticated")
    return _back(session)


def _pay(world: World, session: Json, card: Card | BankAccount, email: str) -> Page:
    if "@" not in email:
        message = "Your e-mail address is needed."
        raise invalid(message)
    if checkout.pay(world, session, card, email):
        return _back(session)
    world.note(session["id"])["waiting"] = (card, email)
    return Page(location=session["url"], status=303)


def _refuse(world: World, session: Json) -> None:
    intent = world.objects["payment_intent"].get(session["payment_intent"] or "")
    if intent and intent["status"] == "requires_action":
        collecting.authenticate(world, intent, passed=False)


def _back(session: Json) -> Page:
    return Page(location=session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]), status=303)


# The bank's question for a payment outside checkout


def show_question(_world: World, intent: Json, problem: str | None) -> Page:
    """Ask whether it is the customer."""
    return _question("Your bank asks: is it you?", html.money(intent["amount"], intent["currency"]), problem)


def act_question(world: World, intent: Json, form: Json) -> Page:
    """Answer the bank."""
    if intent["status"] != "requires_action":
        message = "There is nothing to answer."
        raise invalid(message)
    passed = collecting.authenticate(world, intent, passed=_act(form, "authenticate", "fail") == "authenticate")
    if not passed:
        message = "We are unable to authenticate your payment method."
        raise Refused(402, message, "card_error")
    return html.shown("Paid", "<section>Thank you: the payment succeeded.</section>")


# An invoice


def show_invoice(_world: World, invoice: Json, problem: str | None) -> Page:
    """Show an invoice, and ask for a card while it is open."""
    rows = [
        (esc(each["description"]), html.money(each["amount"], each["currency"])) for each in invoice["lines"]["data"]
    ]
    rows.append(("<b>To pay</b>", f"<b>{html.money(invoice['amount_remaining'], invoice['currency'])}</b>"))
    form = f'<form method="post">{html.card_field()}<button name="act" value="pay">Pay invoice</button></form>'
    end = (
        f"<section>{form}</section>"
        if invoice["status"] == "open"
        else f"<section>Status: {invoice['status']}</section>"
    )
    return html.shown(
        f"Invoice {invoice['number']}", f"<section>{html.table(rows)}</section>{html.error(problem)}{end}"
    )


def act_invoice(world: World, invoice: Json, form: Json) -> Page:
    """Pay an open invoice with a new card, which then pays the subscription too."""
    _act(form, "pay")
    if invoice["status"] != "open":
        message = f"This invoice is {invoice['status']}."
        raise invalid(message)
    method = cards.save(world, _card(form), invoice["customer"])["id"]
    if not collecting.attempt(world, invoice, "present", method):
        intent = invoices.intent_of(world, invoice) or {}
        if intent["status"] == "requires_action":
            return Page(location=intent["next_action"]["redirect_to_url"]["url"], status=303)
        raise cards.declined(cards.card_of(world, method))
    subscription = world.get("subscription", invoices.subscription_of(invoice))
    world.update("customer.subscription.updated", subscription, default_payment_method=method)
    return Page(location=invoice["hosted_invoice_url"], status=303)


# The portal


def show_portal(world: World, session: Json, problem: str | None) -> Page:
    """Show the customer's subscriptions, card and invoices."""
    customer = session["customer"]
    cancels = portal.feature(world, session, "subscription_cancel")["enabled"]
    rows = [(esc(_told(world, each)), _choice(each) if cancels else "") for each in views.living(world, customer)]
    owed = [
        (
            f'<a href="{esc(each["hosted_invoice_url"])}">{esc(each["number"])}</a>',
            esc(each["status"]),
            html.money(each["total"], each["currency"]),
        )
        for each in world.of("invoice", customer=customer)[::-1]
        if each["number"]
    ]
    card = f'<form method="post">{html.card_field()}<button name="act" value="card">Update card</button></form>'
    living = html.table(rows) if rows else "<p>None at present.</p>"
    back = f'<p><a href="{esc(session["return_url"])}">Return to the shop</a></p>' if session["return_url"] else ""
    history = f"<section><h2>Invoices</h2>{html.table(owed)}</section>"
    return html.shown(
        "Your subscriptions",
        f"{html.error(problem)}<section><h2>Subscriptions</h2>{living}</section><section><h2>Card</h2>"
        f"<p>{_card_now(world, customer)}</p>{card}</section>{history}{back}",
    )


def _told(world: World, subscription: Json) -> str:
    item = subscription["items"]["data"][0]
    name = world.objects["product"][item["price"]["product"]]["name"]
    at = subscription["cancel_at"]
    then = f"ends on {html.day(at)}" if at else f"renews on {html.day(item['current_period_end'])}"
    return f"{name} ({subscription['status']}), {then}"


def _choice(subscription: Json) -> str:
    if subscription["cancel_at"]:
        return button("keep", "Keep subscription", subscription=subscription["id"])
    return button("cancel", "Cancel subscription", quiet=True, subscription=subscription["id"])


def _card_now(world: World, customer: str) -> str:
    method = world.get("customer", customer)["invoice_settings"]["default_payment_method"]
    own = [each["default_payment_method"] for each in views.living(world, customer)]
    key = next((each for each in [*own, method] if each), None)
    if key is None:
        return "No card yet."
    found = world.objects["payment_method"][key]
    return f"Now: •••• {found[found['type']]['last4']}"


def act_portal(world: World, session: Json, form: Json) -> Page:
    """Update the card, cancel, or take a cancellation back."""
    match _act(form, "card", "cancel", "keep"):
        case "card":
            portal.change_card(world, session, _card(form))
        case "cancel":
            portal.cancel(world, session, str(form.get("subscription")))
        case _:
            portal.keep(world, session, str(form.get("subscription")))
    return Page(location=session["url"], status=303)


PAGES: dict[str, tuple[str, Show, Act]] = {
    "/pay/checkout/": ("checkout.session", show_checkout, act_checkout),
    "/pay/authenticate/": ("payment_intent", show_question, act_question),
    "/pay/invoice/": ("invoice", show_invoice, act_invoice),
    "/portal/": ("billing_portal.session", show_portal, act_portal),
}
