"""Where the three views are."""

from typing import Final

from django.urls import URLPattern, path

from bench.floor import views

urlpatterns: Final[list[URLPattern]] = [
    path("", views.page),
    path("book/<int:pk>/", views.book),
    path("events/", views.store),
]
