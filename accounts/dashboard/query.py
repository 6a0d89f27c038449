"""What an operator's page reads from the query of its address, and how it looks for a customer."""

from typing import Final, TypeVar

from django.db.models import Q, TextChoices
from django.db.models.lookups import StartsWith
from django.http import HttpRequest

from accounts.models import Account
from accounts.models.customers import listed_name
from bookwhen.email_address import fold_email
from bookwhen.search import address_has, is_short, text_has
from bookwhen.text import searchable

C = TypeVar("C", bound=TextChoices)
MOST_LISTED: Final = 1000


def search_term(request: HttpRequest, name: str = "q") -> str:
    """What was typed into a search box, without what a database cannot look for."""
    return searchable(request.GET.get(name, ""))


def query_id(request: HttpRequest, name: str) -> int:
    """An id; 0, which nothing has, where there is none that could be one."""
    return as_id(request.GET.get(name, ""))


def as_id(value: str) -> int:
    """An id that somebody sent; 0, which nothing has, where it could be none."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < len(str(2**63)) else 0


def query_choice(request: HttpRequest, name: str, choices: type[C]) -> C | None:
    """Which of a filter's choices is asked for; None where none of them is."""
    return next((each for each in choices if each == request.GET.get(name)), None)


def name_or_email(words: str, customer: str = "") -> Q:
    """The condition that a customer's name or address has these words in it; `customer` leads there (`customer__`).

    One letter or two are looked for where the name or the address begins.
    """
    # Of nothing but brackets and full stops nothing would be left, which every address has in it.
    address = address_has(f"{customer}email", fold_email(words) or words)
    if is_short(words):
        return Q(StartsWith(listed_name(customer), words.lower())) | address
    return text_has(f"{customer}name", words) | address


def customers_found(account: Account, words: str) -> list[int] | None:
    """The customers (ids) whose name or address has these words in it; None where they are too many to be listed.

    What is theirs is then quickly found by their ids; of so many it is quicker found where it is listed.
    """
    found = account.customers.filter(name_or_email(words)).order_by()
    ids = list(found.values_list("pk", flat=True)[: MOST_LISTED + 1])
    return ids if len(ids) <= MOST_LISTED else None
