"""What an operator's page reads from the query of its address."""

from django.http import HttpRequest


def search_term(request: HttpRequest, name: str = "q") -> str:
    """What was typed into a search box, without what a database cannot look for."""
    return request.GET.get(name, "").replace("\x00", "").strip()


def query_id(request: HttpRequest, name: str) -> int:
    """An id; 0, which nothing has, where there is none that could be one."""
    value = request.GET.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < len(str(2**63)) else 0
