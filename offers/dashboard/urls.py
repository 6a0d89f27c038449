"""The addresses below /dashboard/<account>/ that this app serves."""

from typing import Final

from django.urls import URLPattern, path

from offers.dashboard import check_access, cures, views

urlpatterns: Final[list[URLPattern]] = [
    path("check-access/", check_access.check_access, name="check_access"),
    path("check-access/cure/", cures.access_cure, name="access_cure"),
    path("groups/<int:pk>/offers/new/", views.offer_new, name="offer_new"),
    path("groups/<int:pk>/offers/<int:offer>/", views.offer_edit, name="offer_edit"),
    path("groups/<int:pk>/offers/<int:offer>/replace/", views.offer_replace, name="offer_replace"),
    path("groups/<int:pk>/offers/<int:offer>/delete/", views.offer_delete, name="offer_delete"),
]
