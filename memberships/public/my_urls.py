"""The addresses of a customer's own memberships, below /my/."""

from typing import Final

from django.urls import URLPattern, URLResolver, path

from memberships.public.my_membership_change import change, undo
from memberships.public.my_membership_changes import cancel, card, keep, pay
from memberships.public.my_membership_pause import pause, resume
from memberships.public.my_memberships import my_membership, my_memberships

urlpatterns: Final[list[URLPattern | URLResolver]] = [
    path("memberships/", my_memberships, name="my_memberships"),
    path("memberships/<uuid:subscription>/", my_membership, name="my_membership"),
    path("memberships/<uuid:subscription>/cancel/", cancel, name="my_membership_cancel"),
    path("memberships/<uuid:subscription>/change/", change, name="my_membership_change"),
    path("memberships/<uuid:subscription>/change/undo/", undo, name="my_membership_change_undo"),
    path("memberships/<uuid:subscription>/keep/", keep, name="my_membership_keep"),
    path("memberships/<uuid:subscription>/pause/", pause, name="my_membership_pause"),
    path("memberships/<uuid:subscription>/resume/", resume, name="my_membership_resume"),
    path("memberships/<uuid:subscription>/card/", card, name="my_membership_card"),
    path("memberships/<uuid:subscription>/pay/", pay, name="my_membership_pay"),
]
