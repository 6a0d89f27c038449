"""The addresses of memberships below a page's own."""

from typing import Final

from django.urls import URLPattern, URLResolver, path

from memberships.public.purchase_result import membership_bought
from memberships.public.views import membership, membership_add, memberships

urlpatterns: Final[list[URLPattern | URLResolver]] = [
    path("memberships/", memberships, name="memberships"),
    path("memberships/<int:pk>/", membership, name="membership"),
    path("memberships/<int:pk>/add/", membership_add, name="membership_add"),
    path("memberships/bought/<uuid:purchase>/", membership_bought, name="membership_bought"),
]
