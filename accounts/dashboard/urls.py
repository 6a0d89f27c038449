"""The addresses below /dashboard/<account>/ that this app serves."""

from typing import Final

from django.urls import URLPattern, path

from accounts.dashboard import (
    branding,
    emails,
    exports,
    keeping,
    operations,
    overview,
    own_data,
    plan,
    schedule_pages,
    settings,
    team,
)
from accounts.dashboard.history import views as history
from accounts.dashboard.payments import bank_debits, health
from accounts.dashboard.payments import views as payments_views
from accounts.dashboard.payments.pauses import pauses
from accounts.dashboard.wording import views as wording

urlpatterns: Final[list[URLPattern]] = [
    path("", overview.overview, name="overview"),
    path("customers/<int:pk>/data/", own_data.customer_data, name="customer_data"),
    path("emails/", emails.emails, name="emails"),
    path("emails/<int:pk>/retry/", emails.email_retry, name="email_retry"),
    path("history/", history.history, name="history"),
    path("history/<str:kind>/<int:object>/", history.history_of, name="history_of"),
    path("operations/", operations.operations, name="operations"),
    path("operations/<int:pk>/", operations.operation, name="operation"),
    path("operations/<int:pk>/cancel/", operations.operation_cancel, name="operation_cancel"),
    path("operations/<int:pk>/file/", exports.operation_file, name="operation_file"),
    path("operations/<int:pk>/retry/", operations.operation_retry, name="operation_retry"),
    path("settings/", settings.account_settings, name="settings"),
    path("settings/branding/", branding.branding, name="branding"),
    path("settings/emails/", wording.letter_texts, name="letter_texts"),
    path("settings/emails/<slug:kind>/", wording.letter_text, name="letter_text"),
    path("settings/emails/<slug:kind>/reset/", wording.letter_text_reset, name="letter_text_reset"),
    path("settings/keeping/", keeping.keeping, name="keeping"),
    path("settings/plan/", plan.plan, name="plan"),
    path("settings/pages/", schedule_pages.pages, name="pages"),
    path("settings/pages/new/", schedule_pages.page_new, name="page_new"),
    path("settings/pages/<int:pk>/", schedule_pages.page_edit, name="page_edit"),
    path("settings/payments/", payments_views.payments, name="payments"),
    path("settings/payments/policy/", payments_views.payments_policy, name="payments_policy"),
    path("settings/payments/pauses/", pauses, name="pauses"),
    path("settings/payments/bank-debits/", bank_debits.payments_debits, name="payments_debits"),
    path("settings/payments/name/", payments_views.payments_name, name="payments_name"),
    path("settings/payments/test/", payments_views.payments_test, name="payments_test"),
    path("settings/payments/endpoint/", payments_views.payments_endpoint, name="payments_endpoint"),
    path("settings/payments/key/", payments_views.payments_key, name="payments_key"),
    path("settings/payments/disconnect/", payments_views.payments_disconnect, name="payments_disconnect"),
    path("settings/payments/health/", health.payments_health, name="payments_health"),
    path("settings/payments/health/catch-up/", health.payments_catch_up, name="payments_catch_up"),
    path("settings/payments/health/compare/", health.payments_compare, name="payments_compare"),
    path("settings/payments/differences/", health.payments_differences, name="payments_differences"),
    path("settings/payments/events/<int:pk>/", health.payments_event, name="payments_event"),
    path(
        "settings/payments/events/<int:pk>/replay/",
        health.payments_event_replay,
        name="payments_event_replay",
    ),
    path("settings/team/", team.team, name="team"),
    path("settings/team/two-step/", team.team_two_step, name="team_two_step"),
    path("settings/team/new/", team.staff_new, name="staff_new"),
    path("settings/team/<int:pk>/", team.staff_edit, name="staff_edit"),
    path("settings/team/<int:pk>/remove/", team.staff_remove, name="staff_remove"),
]
