"""What an operator's page reads from the query of its address, and how it looks for a customer."""

from typing import TypeVar

from django.db.models import Q, TextChoices
from django.http import HttpRequest

from bookwhen.email_address import fold_email
from bookwhen.text import searchable

C = TypeVar("C", bound=TextChoices)


def search_term(request: HttpRequest, name: str = "q") -> str:
    """What was typed into a search box, without what a database cannot look for."""
    return searchable(request.GET.get(name, ""))


def query_id(request: HttpRequest, name: str) -> int:
    """An id; 0, which nothing has, where there is none that could be one."""
    value = request.GET.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < len(str(2**63)) else 0


def query_choice(request: HttpRequest, name: str, choices: type[C]) -> C | None:
    """Which of a filter's choices is asked for; None where none of them is."""
    return next((each for each in choices if each == request.GET.get(name)), None)


def name_or_email(words: str, customer: str = "") -> Q:
    """The condition that a customer's name or address has these words in it; `customer` leads there (`customer__`)."""
    # Of nothing but brackets and full stops nothing would be left, which every address has in it.
    address = fold_email(words) or words
    return Q((f"{customer}name__icontains", words)) | Q((f"{customer}email__icontains", address))
