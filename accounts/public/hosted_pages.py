"""The way to a page that Stripe hosts: its own, or under a domain that the studio has there."""

from typing import cast
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.public.pages import SeeOther, keep_private


def go_to_hosted_page(request: HttpRequest, url: str) -> HttpResponse:
    """Send somebody on to a page of Stripe's, at whichever https address Stripe says it is.

    Our forms may only lead to addresses that the browser was told of (`form-action`), and it can't be told of a
    studio's own domain. To that leads a page of ours, which goes on automatically.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and settings.STRIPE_API_BASE):
        message = f"{url!r:.80} is no address to send anybody to."
        raise SuspiciousOperation(message)
    policy = cast("dict[str, list[str]]", settings.CONTENT_SECURITY_POLICY["DIRECTIVES"])
    if f"{parts.scheme}://{parts.netloc}" in policy["form-action"]:
        return SeeOther(url)
    context = {"url": url, "host": parts.hostname}
    response = keep_private(render(request, "accounts/public/hosted_page.html", context))
    # Browsers put the next page in this one's place, so that *Back* leads to the basket.
    response["Refresh"] = f"0; url={url}"
    return response
