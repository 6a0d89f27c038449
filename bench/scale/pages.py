"""Measure every page of a studio: each route, its filters, searches and other pages as its own links and forms say."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from html import unescape
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.http.response import HttpResponseBase
from django.test import Client

from bench.scale.addresses import Studio, Visit
from bench.scale.judging import COMMON_WORD, FURTHER_ON, NEXT, RARE_WORD
from bench.scale.meter import Cost, measure

RARE: Final = "Zephyrine"
COMMON: Final = "Smith"
FURTHER: Final = 4
"""How many pages of a list are gone through to one further on."""

_LINK: Final = re.compile(r'href="([^"]*\?[^"]*)"')
_ID_OR_DAY: Final = re.compile(r"\d+|\d{4}-\d\d-\d\d")
_SEARCH: Final = re.compile(r'<form[^>]*method="get"[^>]*>(.*?)</form>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a page cost; no cost: no answer within the time. `size` in bytes."""

    label: str
    status: int
    size: int
    cost: Cost | None

    def told(self) -> dict[str, object]:
        """As JSON has it."""
        cost = self.cost
        return {
            "label": self.label,
            "status": self.status,
            "size": self.size,
            "statements": cost.statements if cost else 0,
            "blocks": cost.blocks if cost else None,
            "cpu": cost.cpu if cost else 0,
            "relations": dict(cost.relations) if cost else {},
        }


class Visitor:
    """Goes to the pages of a studio as its owner, as members, and as somebody who is not logged in."""

    def __init__(self, studio: Studio, *, times: int = 3) -> None:
        self.studio, self.times = studio, times
        self.clients = {who: Client(raise_request_exception=False) for who in ("", *studio.logins())}
        for who, user in studio.logins().items():
            self.clients[who].force_login(user)

    def measure(self, only: str = "") -> Iterator[Measured]:
        """All pages whose label contains `only`, those that their links and forms lead to with them."""
        return self.measure_all(each for each in self.studio.visits() if only in each.label)

    def measure_all(self, visits: Iterable[Visit]) -> Iterator[Measured]:
        """These pages, and those that their links and forms lead to."""
        for visit in visits:
            yield from self._measure_with_links(visit)

    def _measure_with_links(self, visit: Visit) -> Iterator[Measured]:
        found, body = self._measure(visit)
        if found.status == HTTPStatus.METHOD_NOT_ALLOWED:
            return
        yield found
        seen = set[str]()
        for each in _linked(visit, body):
            if each.label not in seen:
                seen.add(each.label)
                measured, its_body = self._measure(each)
                if not each.label.endswith(NEXT) or _onward(each, its_body):
                    yield measured
        further = self._further(visit, body)
        if further:
            yield self._measure(further)[0]

    def _further(self, visit: Visit, body: str) -> Visit | None:
        """Some pages further on in the list, as its links lead there: the furthest that is as full as the first."""
        furthest, at = None, visit
        for _page in range(FURTHER):
            onward = _onward(at, body)
            if not onward:
                break
            at, body = onward, _text(self.clients[visit.who].get(onward.path))
            if _onward(at, body):
                furthest = replace(onward, label=f"{visit.label}{FURTHER_ON}")
        return furthest

    def _measure(self, visit: Visit) -> tuple[Measured, str]:
        answers: list[HttpResponseBase] = []
        client = self.clients[visit.who]
        cost = measure(lambda: answers.append(client.get(visit.path)), times=self.times)
        body = _text(answers[-1]) if answers else ""
        status = answers[-1].status_code if answers else HTTPStatus.GATEWAY_TIMEOUT
        return Measured(visit.label, status, len(body), cost), body


def _onward(visit: Visit, body: str) -> Visit | None:
    """The page after this one, where there is one."""
    return next((each for each in _linked(visit, body) if each.label.endswith(NEXT)), None)


def _linked(visit: Visit, body: str) -> Iterator[Visit]:
    """The same page otherwise: filtered, searched for a rare and a common word, the next page."""
    here = urlsplit(visit.path).path
    for found in _LINK.findall(body):
        parts = urlsplit(unescape(found))
        given = dict(parse_qsl(parts.query))
        if parts.path in {"", here} and given:
            yield replace(visit, label=f"{visit.label}{_called(given)}", path=f"{here}?{urlencode(given)}")
    for form in _SEARCH.findall(body):
        if 'name="q"' in form:
            for name, word in ((RARE_WORD, RARE), (COMMON_WORD, COMMON)):
                yield replace(visit, label=f"{visit.label}{name}", path=f"{here}?{urlencode({'q': word})}")


def _called(given: dict[str, str]) -> str:
    """What the other page is called in every studio, on any day: without ids, days and positions."""
    words = []
    for name, value in given.items():
        if name.endswith("after"):
            words.append(NEXT)
        elif name.endswith("before"):
            words.append(", page before")
        else:
            words.append(f", {name}={'…' if _ID_OR_DAY.fullmatch(value) else value}")
    return "".join(words)


def _text(response: HttpResponseBase) -> str:
    if response.streaming:
        return b"".join(response).decode(errors="replace")
    return str(response.content.decode(errors="replace"))  # type: ignore[attr-defined]
