"""Who books, pays and looks while machines fail, and what they were told."""

import itertools
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, Self
from urllib.parse import urlsplit

from bench.bookings import Offering
from bench.client import Answer, Visitor
from deploy.cluster.studio import Studio

FIELDS: Final = re.compile(r'name="(csrfmiddlewaretoken|key|terms_version|basket|basket_version)" value="([^"]*)"')
SOLD_OUT: Final = re.compile(r"sold out|no longer available|spaces? left|isn’t enough|not enough|full", re.IGNORECASE)
BOOKING: Final = "/my/bookings/"
TIMEOUT: Final = 25.0
PATIENCE: Final = 60.0
"""How long somebody goes on pressing the button."""
GUESTS, RIVALS = 3, 4
PAUSE: Final = 0.1
LOOKS_EVERY: Final = 0.25


class GaveUpError(Exception):
    """Nobody answered for as long as anybody tries; what was said last."""


@dataclass
class Told:
    """What visitors were told. For all threads; each list only grows."""

    answers: list[tuple[float, str, int]] = field(default_factory=list)
    """When, of what kind (page, entry, book, pay), and the status; 0: no answer."""
    good: list[tuple[float, str]] = field(default_factory=list)
    booked: dict[str, str] = field(default_factory=dict)
    """The booking's address by the guest's e-mail."""
    sold_out: dict[str, int] = field(default_factory=dict)
    """The ticket, by the e-mail of who was told that it is too late."""
    paid: list[str] = field(default_factory=list)
    """Who paid at the checkout."""
    unclear: dict[str, str] = field(default_factory=dict)
    """Who gave up without knowing, and after what."""
    odd: list[str] = field(default_factory=list)
    """What was said that nobody expected."""

    def gap(self, kind: str, since: float, until: float) -> float:
        """The longest time without a good answer of a kind, in seconds."""
        times = sorted(at for at, of in self.good if of == kind and since <= at <= until)
        return max((b - a for a, b in itertools.pairwise([since, *times, until])), default=0.0)

    def bad(self, since: float, until: float) -> Counter[str]:
        """How many answers of which status were no good ones; that something is sold out is one."""
        fine = {*range(HTTPStatus.OK, HTTPStatus.BAD_REQUEST), HTTPStatus.CONFLICT}
        found = (status for at, _kind, status in self.answers if since <= at <= until)
        return Counter(str(int(status)) if status else "none" for status in found if status not in fine)


class Visitors:
    """The threads. `with Visitors(…):` they come and go; `contest` starts a race for last places."""

    def __init__(self, host: str, studio: Studio) -> None:
        self.told = Told()
        self._host, self._studio = host, studio
        self._stop = threading.Event()
        self._numbers = itertools.count(1)
        self.at_checkout = threading.Lock()
        """Held from filling a basket to coming back from the checkout."""
        acts = [*[self._book_one] * GUESTS, self._pay_one, lambda: self._look("page"), lambda: self._look("entry")]
        self._threads = [threading.Thread(target=self._repeat, args=(act,), daemon=True) for act in acts]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Let nobody begin anything new."""
        self._stop.set()

    def are_gone(self) -> bool:
        """Whether everybody is done."""
        return not any(thread.is_alive() for thread in self._threads)

    def are_well_since(self, instant: float) -> bool:
        """Whether there was a good answer of every kind since then."""
        return {"page", "entry", "book"} <= {kind for at, kind in self.told.good[-500:] if at > instant}

    def renew_soon(self, renew: Callable[[], None]) -> None:
        """Let Stripe's time move on once nobody is at the checkout, which would be over then."""

        def act() -> None:
            with self.at_checkout:
                try:
                    renew()
                except OSError:
                    self.told.answers.append((time.monotonic(), "renewal", 0))

        thread = threading.Thread(target=act, daemon=True)
        self._threads.append(thread)
        thread.start()

    def contest(self) -> None:
        """Let more guests than there are places go for the last places of some entries, until the last is told so."""
        for offering in self._studio.next_contest():
            for _ in range(RIVALS):
                thread = threading.Thread(target=self._compete, args=(offering,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _repeat(self, act: Callable[[], None]) -> None:
        while not self._stop.wait(PAUSE):
            act()

    def _book_one(self) -> None:
        self._book(random.choice(self._studio.free), self._email("guest"))  # noqa: S311 - any will do

    def _compete(self, offering: Offering) -> None:
        while self._book(offering, self._email("rival")) == "booked":
            pass

    def _look(self, kind: str) -> None:
        visitor = Visitor(8000, host=self._host, timeout=4)
        path = self._studio.page if kind == "page" else self._studio.free[0].page
        self._note(kind, visitor.get(path))
        visitor.close()
        time.sleep(LOOKS_EVERY)

    def _book(self, offering: Offering, email: str) -> str:
        """Book one ticket: `booked`, `sold out`, or what else became of it."""
        visitor = Visitor(8000, host=self._host, timeout=TIMEOUT)
        try:
            form = self._insist("book", lambda: visitor.get(offering.review))
            if form.status != HTTPStatus.OK or f"t{offering.ticket}-1-who" not in form.text:
                return self._too_late(visitor, form, offering, email)
            fields = _filled(form, offering, email)
            sent = self._insist("book", lambda: visitor.post(offering.review, fields))
            if not _leads_to(sent, BOOKING):
                return self._too_late(visitor, sent, offering, email)
            self.told.booked[email] = sent.location
        except GaveUpError as error:
            self.told.unclear[email] = str(error)
            return "unclear"
        finally:
            visitor.close()
        return "booked"

    def _too_late(self, visitor: Visitor, answer: Answer, offering: Offering, email: str) -> str:
        if _leads_to(answer, "/"):
            answer = self._insist("entry", lambda: visitor.get(urlsplit(answer.location).path))
        if SOLD_OUT.search(answer.text.partition("<main")[2]):
            self.told.sold_out[email] = offering.ticket
            return "sold out"
        self.told.odd.append(f"{email}: {answer.status} {_in_short(answer.text)}")
        return "odd"

    def _pay_one(self) -> None:
        email, offering = self._email("payer"), random.choice(self._studio.priced)  # noqa: S311 - any will do
        visitor = Visitor(8000, host=self._host, timeout=TIMEOUT)
        with self.at_checkout:
            try:
                self._pay(visitor, offering, email)
            except GaveUpError as error:
                self.told.unclear[email] = str(error)
            finally:
                visitor.close()
        time.sleep(1)

    def _pay(self, visitor: Visitor, offering: Offering, email: str) -> None:
        form = self._insist("pay", lambda: visitor.get(offering.review))
        fields = _filled(form, offering, email)
        added = self._insist("pay", lambda: visitor.post(offering.review, fields))
        basket = self._insist("pay", lambda: visitor.get(urlsplit(added.location).path))
        path = f"{urlsplit(added.location).path}pay/"
        sent = self._insist("pay", lambda: visitor.post(path, dict(FIELDS.findall(basket.text))))
        if sent.status != HTTPStatus.SEE_OTHER:
            self.told.odd.append(f"{email}: {sent.status} {sent.location} {_in_short(sent.text)}")
            return
        back = self._checkout(sent.location)
        if back:
            self.told.paid.append(email)
            way = urlsplit(back)
            self._insist("pay", lambda: visitor.get(f"{way.path}?{way.query}"))

    def _checkout(self, url: str) -> str:
        """Pay, and where Stripe leads then; nothing where Stripe did not answer."""
        try:
            return self._studio.pay(url).location or ""
        except OSError:
            return ""

    def _insist(self, kind: str, ask: Callable[[], Answer]) -> Answer:
        """Ask until there is an answer that is none of a broken server."""
        until = time.monotonic() + PATIENCE
        while True:
            answer = ask()
            self._note(kind, answer)
            if answer.status and answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                return answer
            if time.monotonic() > until:
                raise GaveUpError(kind, answer.status, _in_short(answer.text))
            time.sleep(1)

    def _note(self, kind: str, answer: Answer) -> None:
        now = time.monotonic()
        self.told.answers.append((now, kind, answer.status))
        if answer.status and answer.status < HTTPStatus.BAD_REQUEST:
            self.told.good.append((now, kind))

    def _email(self, who: str) -> str:
        return f"{who}{next(self._numbers)}@example.org"


def _filled(form: Answer, offering: Offering, email: str) -> dict[str, str]:
    typed = {"booker-name": "Grace Guest", "booker-email": email, f"t{offering.ticket}-1-who": "self"}
    return {**dict(FIELDS.findall(form.text)), "again": "1", **typed}


def _leads_to(answer: Answer, path: str) -> bool:
    is_there = urlsplit(answer.location).path.startswith(path)
    return answer.status in {HTTPStatus.FOUND, HTTPStatus.SEE_OTHER} and is_there


def _in_short(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("<main")[2] or html).split())[:200]
