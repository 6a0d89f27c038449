"""The addresses below /dashboard/<account>/ that this app serves."""

from typing import Final

from django.urls import URLPattern, path

from groups.dashboard import customers, pasted, views

urlpatterns: Final[list[URLPattern]] = [
    path("groups/", views.groups, name="groups"),
    path("groups/archived/", views.groups, {"archived": True}, name="groups_archived"),
    path("groups/lists/<int:pk>/", pasted.pasted_list, name="pasted_list"),
    path("groups/new/", views.group_new, name="group_new"),
    path("groups/<int:pk>/", views.group, name="group"),
    path("groups/<int:pk>/tickets/", views.group_tickets, name="group_tickets"),
    path("groups/<int:pk>/edit/", views.group_edit, name="group_edit"),
    path("groups/<int:pk>/archive/", views.group_archive, name="group_archive"),
    path("groups/<int:pk>/restore/", views.group_restore, name="group_restore"),
    path("groups/<int:pk>/delete/", views.group_delete, name="group_delete"),
    path("groups/<int:pk>/customers/add/", customers.customers_add, name="customers_add"),
    path("groups/<int:pk>/customers/<int:member>/remove/", customers.customer_remove, name="customer_remove"),
    path("groups/<int:pk>/customers/<int:member>/start/", customers.customer_start_date, name="customer_start_date"),
]
