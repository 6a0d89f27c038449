"""Every address of the site."""

from typing import Final

from django.urls import URLPattern, URLResolver, include, path

import accounts.dashboard.overview
import accounts.dashboard.urls
import accounts.public.urls
import accounts.webhooks
import bookwhen.installation.dashboard.urls
import groups.dashboard.urls
import groups.public.urls
import memberships.dashboard.urls
import memberships.public.my_urls
import memberships.public.urls
import offers.dashboard.urls
import tickets.dashboard.urls
import tickets.public.my_urls
import tickets.public.urls
from accounts.public import branding
from bookwhen import health
from bookwhen.payments import webhooks
from tickets.public.pictures import picture

dashboard: Final[list[URLPattern | URLResolver]] = [
    *accounts.dashboard.urls.urlpatterns,
    *groups.dashboard.urls.urlpatterns,
    *memberships.dashboard.urls.urlpatterns,
    *offers.dashboard.urls.urlpatterns,
    *tickets.dashboard.urls.urlpatterns,
]
"""Below /dashboard/<account>/; names begin with `dashboard:`."""

public: Final[list[URLPattern | URLResolver]] = [
    *tickets.public.urls.urlpatterns,
    *memberships.public.urls.urlpatterns,
    *groups.public.urls.urlpatterns,
]
"""Below /<page>/; names begin with `public:`."""

my: Final[list[URLPattern | URLResolver]] = [
    *accounts.public.urls.my,
    *tickets.public.my_urls.urlpatterns,
    *memberships.public.my_urls.urlpatterns,
]
"""Below /my/: what somebody has and is."""

media: Final[list[URLPattern | URLResolver]] = [
    path("pictures/<uuid:picture>/<int:size>.webp", picture, name="picture"),
    path("logos/<uuid:logo>.png", branding.logo, name="logo"),
    path("colours/<slug:colour>.css", branding.colours, name="colours"),
]
"""Below /media/: what pages show."""

handler400: Final = "bookwhen.errors.bad_request"
handler500: Final = "bookwhen.errors.server_error"

urlpatterns: Final[list[URLPattern | URLResolver]] = [
    # Few stand here: each is tried before a page of the last, which most visitors ask for.
    *accounts.public.urls.urlpatterns,
    path("my/", include(my)),
    path("dashboard/", accounts.dashboard.overview.choose, name="dashboard_choose"),
    path("dashboard/<slug:account>/", include((dashboard, "dashboard"))),
    path("media/", include(media)),
    path("stripe/webhooks/<uuid:endpoint>/", webhooks.stripe_webhook, name="stripe_webhook"),
    path("mail/webhook/", accounts.webhooks.email_webhook, name="email_webhook"),
    path("health/live/", health.live, name="health-live"),
    path("health/ready/", health.ready, name="health-ready"),
    *bookwhen.installation.dashboard.urls.urlpatterns,
    # Last: a page may have any address that is not ours (accounts.slugs.RESERVED).
    path("<slug:page>/", include((public, "public"))),
]
