"""The addresses of the keeper's pages, and where Prometheus reads."""

from typing import Final

from django.urls import URLPattern, URLResolver, path

from bookwhen.installation.dashboard.metrics import metrics
from bookwhen.installation.dashboard.views import keeper, keeper_studios

urlpatterns: Final[list[URLPattern | URLResolver]] = [
    # Studios could never have this address (accounts.slugs.RESERVED).
    path("admin/", keeper, name="keeper"),
    path("admin/studios/", keeper_studios, name="keeper_studios"),
    # Without a slash, as Prometheus asks for it.
    path("metrics", metrics, name="metrics"),
]
