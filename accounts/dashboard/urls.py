"""The addresses below /dashboard/<account>/ that this app serves."""

from typing import Final

from django.urls import URLPattern, path

from accounts.dashboard import customers, pages, plan, settings, team, views

urlpatterns: Final[list[URLPattern]] = [
    path("", views.overview, name="overview"),
    path("customers/", customers.customers, name="customers"),
    path("customers/groups/", customers.old_menu_path, name="old_groups"),
    path("customers/<int:pk>/", customers.customer, name="customer"),
    path("settings/", settings.account_settings, name="settings"),
    path("settings/plan/", plan.plan, name="plan"),
    path("settings/pages/", pages.pages, name="pages"),
    path("settings/pages/new/", pages.page_new, name="page_new"),
    path("settings/pages/<int:pk>/", pages.page_edit, name="page_edit"),
    path("settings/team/", team.team, name="team"),
    path("settings/team/new/", team.staff_new, name="staff_new"),
    path("settings/team/<int:pk>/", team.staff_edit, name="staff_edit"),
    path("settings/team/<int:pk>/remove/", team.staff_remove, name="staff_remove"),
]
