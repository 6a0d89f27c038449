"""The addresses of two-step login; allauth looks its own up by their names."""

from typing import Final

from allauth.mfa.base import views as base
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import URLPattern, path
from django.views.generic import RedirectView

from accounts.public.two_step.views import RemovePasskeyView, after_second_step, second_step

for_everybody: Final[list[URLPattern]] = [
    path("second-step/", base.authenticate, name="mfa_authenticate"),
    path("passkey/", webauthn.login_webauthn, name="mfa_login_webauthn"),
]
"""Below /accounts/."""

urlpatterns: Final[list[URLPattern]] = [
    path("two-step/", base.index, name="mfa_index"),
    path("two-step/needed/", second_step, name="my_second_step"),
    path("two-step/confirm/code/", base.reauthenticate, name="mfa_reauthenticate"),
    path("two-step/confirm/passkey/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("two-step/app/", after_second_step(totp.activate_totp), name="mfa_activate_totp"),
    path("two-step/app/remove/", after_second_step(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("two-step/codes/", after_second_step(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("two-step/codes/new/", after_second_step(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path(
        "two-step/codes/download/",
        after_second_step(codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    # One page lists every method.
    path("two-step/passkeys/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path("two-step/passkeys/new/", after_second_step(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path("two-step/passkeys/<int:pk>/", after_second_step(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
    path(
        "two-step/passkeys/<int:pk>/remove/",
        after_second_step(RemovePasskeyView.as_view()),
        name="mfa_remove_webauthn",
    ),
]
"""Below /my/."""
