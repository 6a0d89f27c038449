"""The addresses below /dashboard/<account>/ that this app serves."""

from typing import Final

from django.urls import URLPattern, path

from groups.dashboard import changing, customers, deciding, links, pasted, tabs, views

urlpatterns: Final[list[URLPattern]] = [
    path("groups/", views.groups, name="groups"),
    path("groups/archived/", views.groups, {"archived": True}, name="groups_archived"),
    path("groups/lists/<int:pk>/", pasted.pasted_list, name="pasted_list"),
    path("groups/new/", views.group_new, name="group_new"),
    path("groups/changes/<int:pk>/", changing.member_change, name="member_change"),
    path("groups/changes/<int:pk>/undo/", changing.member_change_undo, name="member_change_undo"),
    path("groups/<int:pk>/", tabs.group, name="group"),
    path("groups/<int:pk>/customers/", tabs.group_customers, name="group_customers"),
    path("groups/<int:pk>/customers/change/", changing.members_change, name="members_change"),
    path("groups/<int:pk>/offers/", tabs.group_offers, name="group_offers"),
    path("groups/<int:pk>/tickets/", tabs.group_tickets, name="group_tickets"),
    path("groups/<int:pk>/memberships/", tabs.group_memberships, name="group_memberships"),
    path("groups/<int:pk>/link/", links.group_link, name="group_link"),
    path("groups/<int:pk>/link/edit/", links.group_link_edit, name="group_link_edit"),
    path("groups/<int:pk>/link/stop/", links.group_link_stop, name="group_link_stop"),
    path("groups/<int:pk>/link/new/", links.group_link_renew, name="group_link_renew"),
    path("groups/<int:pk>/link/code.svg", links.group_link_code, name="group_link_code"),
    path("groups/<int:pk>/link/requests/", deciding.group_link_decide, name="group_link_decide"),
    path("groups/<int:pk>/edit/", views.group_edit, name="group_edit"),
    path("groups/<int:pk>/archive/", views.group_archive, name="group_archive"),
    path("groups/<int:pk>/restore/", views.group_restore, name="group_restore"),
    path("groups/<int:pk>/delete/", views.group_delete, name="group_delete"),
    path("groups/<int:pk>/customers/add/", customers.customers_add, name="customers_add"),
    path("groups/<int:pk>/customers/<int:member>/remove/", customers.customer_remove, name="customer_remove"),
    path("groups/<int:pk>/customers/<int:member>/start/", customers.customer_start_date, name="customer_start_date"),
]
