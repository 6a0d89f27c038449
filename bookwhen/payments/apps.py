"""The payments app: the only place that speaks Stripe."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """Registers the app with Django, and its part in adopting a copy."""

    name = "bookwhen.payments"
    label = "payments"

    def ready(self) -> None:
        from bookwhen.installation.adoption import site_adopting, waiting_counted
        from bookwhen.payments import adoption

        waiting_counted.connect(adoption.count_waiting)
        site_adopting.connect(adoption.leave_stripe)
