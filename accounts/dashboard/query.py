"""What an operator's page reads from the query of its address, and how it looks for a customer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar

from django.db.models import Q, QuerySet, TextChoices, TextField, Value
from django.db.models.functions import Lower
from django.http import HttpRequest

from accounts.models import Account
from accounts.models.customers import listed_name
from bookwhen.email_address import fold_email
from bookwhen.fastpath.compiled import IsOneOf
from bookwhen.keyset import KeysetPage, keyset_page, skip_to
from bookwhen.search import NOTHING, address_has, is_short, name_has, phone_has
from bookwhen.text import searchable

C = TypeVar("C", bound=TextChoices)
MOST_LISTED: Final = 1000
BY_NAME: Final = ("listed_name", "pk")
SEARCHED: Final = 10_000
"""Customers among whom a page of very many is looked for: an index has all that is compared, 70 of them in a block."""


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
    """The condition that a customer's name, phone number or one of their addresses has these words in it.

    `customer` leads there (`customer__`). One letter or two are looked for where the name or the address begins.
    """
    # Of nothing but brackets and full stops nothing would be left, which every address has in it.
    folded = fold_email(words) or words
    address = address_has(f"{customer}email", folded) | _other_has(f"{customer}other_addresses", folded)
    address |= phone_has(f"{customer}phone", words)
    return name_has(f"{customer}name", words) | address


def _other_has(column: str, words: str) -> Q:
    """The same of the addresses that somebody has besides: nothing so short as begins only the first of them."""
    return NOTHING if is_short(words) else address_has(column, words)


def customers_found(account: Account, words: str) -> list[int] | None:
    """The customers (ids) whose name or address has these words in it; None where they are too many to be listed.

    What is theirs is then quickly found by their ids; of so many it is quicker found where it is listed.
    """
    found = account.customers.known().filter(name_or_email(words)).order_by()
    ids = list(found.values_list("pk", flat=True)[: MOST_LISTED + 1])
    return ids if len(ids) <= MOST_LISTED else None


def page_of_customers(
    account: Account, listed: "QuerySet[Any]", words: str, address: Mapping[str, str], *, size: int
) -> "KeysetPage[Any]":
    """A page of customers by name, of those who have these words in theirs or in their address; all without words.

    `listed`: the account's customers with all that the page tells of them. Very many that match may stand together
    anywhere in the list: it is searched a part at a time, and leads on to where names begin with the words.
    """
    listed = listed.annotate(listed_name=listed_name())
    if not words:
        return keyset_page(listed, BY_NAME, address, size=size)
    ids = customers_found(account, words)
    if ids is not None:
        return keyset_page(listed.filter(IsOneOf("pk", ids)), BY_NAME, address, size=size)
    everybody = account.customers.known().annotate(listed_name=listed_name())
    matching = everybody.filter(name_or_email(words)).only("pk", "account")
    page = keyset_page(matching, BY_NAME, address, size=size, among=everybody, reach=SEARCHED)
    rows = {each.pk: each for each in listed.filter(IsOneOf("pk", [each.pk for each in page]))}
    page = replace(page, rows=[rows[each.pk] for each in page if each.pk in rows])
    return skip_to(page, everybody, BY_NAME, [_as_listed(account, words), 0]) if page.is_cut else page


def _as_listed(account: Account, words: str) -> str:
    """Words in small letters as the database makes them, which depends on how it was set up."""
    lower = Lower(Value(words, output_field=TextField()))
    return str(Account.objects.filter(pk=account.pk).values_list(lower, flat=True).get())
