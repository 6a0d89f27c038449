"""The payments app: the only place that speaks Stripe."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """Registers the app with Django."""

    name = "bookwhen.payments"
    label = "payments"
