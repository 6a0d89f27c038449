"""The addresses below /dashboard/<account>/ that this app serves."""

from typing import Final

from django.urls import URLPattern, path

from accounts.dashboard import customers, pages, payments, payments_health, plan, settings, team, views

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
    path("settings/payments/", payments.payments, name="payments"),
    path("settings/payments/policy/", payments.payments_policy, name="payments_policy"),
    path("settings/payments/test/", payments.payments_test, name="payments_test"),
    path("settings/payments/endpoint/", payments.payments_endpoint, name="payments_endpoint"),
    path("settings/payments/key/", payments.payments_key, name="payments_key"),
    path("settings/payments/disconnect/", payments.payments_disconnect, name="payments_disconnect"),
    path("settings/payments/health/", payments_health.payments_health, name="payments_health"),
    path("settings/payments/health/catch-up/", payments_health.payments_catch_up, name="payments_catch_up"),
    path("settings/payments/health/compare/", payments_health.payments_compare, name="payments_compare"),
    path("settings/payments/differences/", payments_health.payments_differences, name="payments_differences"),
    path("settings/payments/events/<int:pk>/", payments_health.payments_event, name="payments_event"),
    path(
        "settings/payments/events/<int:pk>/replay/",
        payments_health.payments_event_replay,
        name="payments_event_replay",
    ),
    path("settings/team/", team.team, name="team"),
    path("settings/team/new/", team.staff_new, name="staff_new"),
    path("settings/team/<int:pk>/", team.staff_edit, name="staff_edit"),
    path("settings/team/<int:pk>/remove/", team.staff_remove, name="staff_remove"),
]
