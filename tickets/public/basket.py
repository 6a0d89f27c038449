"""The basket: what a customer is about to buy."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from tickets.public.pages import page_or_404


def basket(_request: HttpRequest, page: str) -> HttpResponse:
    """Show the visitor's basket."""
    return redirect("public:schedule", page=page_or_404(page).slug)
