"""The addresses below /dashboard/<account>/ that this app serves."""

from typing import Final

from django.urls import URLPattern, path

from memberships.dashboard import cancellation, change, pause, prices, subscriptions, views
from memberships.dashboard.importing import rows as import_rows
from memberships.dashboard.importing import views as importing

urlpatterns: Final[list[URLPattern]] = [
    path("memberships/", views.memberships, name="memberships"),
    path("memberships/new/", views.membership_new, name="membership_new"),
    path("memberships/import/", importing.stripe_imports, name="stripe_imports"),
    path("memberships/import/<int:pk>/", importing.stripe_import, name="stripe_import"),
    path("memberships/import/<int:pk>/products/", importing.stripe_import_map, name="stripe_import_map"),
    path("memberships/import/<int:pk>/confirm/", importing.stripe_import_confirm, name="stripe_import_confirm"),
    path("memberships/import/<int:pk>/undo/", importing.stripe_import_undo, name="stripe_import_undo"),
    path("memberships/import/<int:pk>/rows/", import_rows.stripe_import_rows, name="stripe_import_rows"),
    path("memberships/import/<int:pk>/rows/choose/", import_rows.stripe_import_choose, name="stripe_import_choose"),
    path("memberships/import/<int:pk>/rows/<int:row>/", import_rows.stripe_import_row, name="stripe_import_row"),
    path("memberships/<int:pk>/", views.membership, name="membership"),
    path("memberships/<int:pk>/edit/", views.membership_edit, name="membership_edit"),
    path("memberships/<int:pk>/delete/", views.membership_delete, name="membership_delete"),
    path("memberships/<int:pk>/customers/", subscriptions.subscribers, name="subscribers"),
    path("memberships/<int:pk>/prices/new/", prices.price_new, name="price_new"),
    path("memberships/<int:pk>/prices/<int:price>/", prices.price_edit, name="price_edit"),
    path("memberships/<int:pk>/prices/<int:price>/archive/", prices.price_archive, name="price_archive"),
    path("memberships/<int:pk>/prices/<int:price>/restore/", prices.price_restore, name="price_restore"),
    path("subscriptions/", subscriptions.subscriptions, name="subscriptions"),
    path("subscriptions/<int:pk>/", subscriptions.subscription, name="subscription"),
    path("subscriptions/<int:pk>/cancel/", cancellation.subscription_cancel, name="subscription_cancel"),
    path("subscriptions/<int:pk>/pause/", pause.subscription_pause, name="subscription_pause"),
    path("subscriptions/<int:pk>/resume/", pause.subscription_resume, name="subscription_resume"),
    path("subscriptions/<int:pk>/let-in/", pause.subscription_let_in, name="subscription_let_in"),
    path("subscriptions/<int:pk>/change/", change.subscription_change, name="subscription_change"),
    path("subscriptions/<int:pk>/change/undo/", change.subscription_change_undo, name="subscription_change_undo"),
    path("subscriptions/<int:pk>/keep/", cancellation.subscription_keep, name="subscription_keep"),
]
