"""The addresses of invitation links below a page's own."""

from typing import Final

from django.urls import URLPattern, URLResolver, path

from groups.public.views import join_group

urlpatterns: Final[list[URLPattern | URLResolver]] = [
    # A slug has the letters of a token (`secrets.token_urlsafe`); for anything else no database is asked.
    path("join/<slug:invitation>/", join_group, name="join_group"),
]
