"""A customer on the hosted pages, for tests: posts the pages' own forms over HTTP, as a browser does."""

import http.client
import urllib.parse
from dataclasses import dataclass

PAYS = "4242424242424242"
DECLINED = "4000000000000002"
FAILS_LATER = "4000000000000341"
ASKS_ALWAYS = "4000002760003184"
ASKS_ONCE = "4000002500003155"
ACCOUNT_PAYS = "00012345"
ACCOUNT_REFUSES = "33333335"
ACCOUNT_PAYS_INCOMPLETE = "00023456"
ACCOUNT_REFUSES_INCOMPLETE = "44444445"
"""Bank accounts whose debits are paid, or refused, days later; *incomplete*: a subscription is, until then."""
EMAIL = "jenny@example.com"


@dataclass(frozen=True)
class Seen:
    """What the page answered: its status, its text, and where it sends the customer."""

    status: int
    text: str
    location: str | None


class Shopper:
    """Acts by the address of a page (`session.url`, `invoice.hosted_invoice_url`); any card is a test card's number."""

    def __init__(self, url: str) -> None:
        self._netloc = urllib.parse.urlsplit(url).netloc

    def look(self, url: str) -> Seen:
        """Open a page."""
        return self._ask("GET", url)

    def act(self, url: str, act: str, **fields: str) -> Seen:
        """Press a button of a page."""
        return self._ask("POST", url, urllib.parse.urlencode({"act": act, **fields}))

    def pay(self, url: str, card: str = PAYS, email: str = EMAIL) -> Seen:
        """Pay a checkout session or an invoice; the answer leads to the shop, or to the bank's question."""
        return self.act(url, "pay", card=card, email=email)

    def debit(self, url: str, account: str = ACCOUNT_PAYS, email: str = EMAIL) -> Seen:
        """Pay a checkout session by bank debit, which is on its way for days."""
        return self.act(url, "debit", account=account, email=email)

    def authenticate(self, url: str, *, passed: bool = True) -> Seen:
        """Answer the bank's question, at the address it is asked at."""
        return self.act(url, "authenticate" if passed else "fail")

    def abandon(self, url: str) -> Seen:
        """Go back to the shop without paying."""
        return self.act(url, "abandon")

    def update_card(self, url: str, card: str = PAYS) -> Seen:
        """Change the card in the portal."""
        return self.act(url, "card", card=card)

    def cancel(self, url: str, subscription: str) -> Seen:
        """Cancel in the portal."""
        return self.act(url, "cancel", subscription=subscription)

    def keep(self, url: str, subscription: str) -> Seen:
        """Take a cancellation back in the portal."""
        return self.act(url, "keep", subscription=subscription)

    def _ask(self, method: str, url: str, body: str | None = None) -> Seen:
        to = urllib.parse.urlsplit(url)
        if to.netloc != self._netloc:
            message = f"{url} is not a page of this sandbox."
            raise ValueError(message)
        connection = http.client.HTTPConnection(to.netloc, timeout=20)
        try:
            connection.request(method, to.path, body, {"Content-Type": "application/x-www-form-urlencoded"})
            answer = connection.getresponse()
            return Seen(answer.status, answer.read().decode(), answer.getheader("Location"))
        finally:
            connection.close()
