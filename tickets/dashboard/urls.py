"""The addresses below /dashboard/<account>/ that this app serves."""

from typing import Final

from django.urls import URLPattern, path

from tickets.dashboard import attendees, bookings, books, by_hand, entries, payments, refunds, sale, schedule

urlpatterns: Final[list[URLPattern]] = [
    path("bookings/", bookings.bookings, name="bookings"),
    path("bookings/<int:pk>/", bookings.booking, name="booking"),
    path("bookings/<int:pk>/cancel-places/", bookings.booking_cancel, name="booking_cancel"),
    path("books/", books.books, name="books"),
    path("payments/", payments.payment_list, name="payment_list"),
    path("payments/payments.csv", payments.payments_csv, name="payments_csv"),
    path("payments/<int:pk>/", payments.payment, name="payment"),
    path("payments/<int:pk>/refund/", refunds.payment_refund, name="payment_refund"),
    path("refunds/<int:pk>/again/", refunds.refund_again, name="refund_again"),
    path("refunds/<int:pk>/settled/", refunds.refund_settled, name="refund_settled"),
    path("schedule/", schedule.schedule, name="schedule"),
    path("schedule/new/", entries.entry_create, name="entry_create"),
    path("schedule/<int:pk>/", attendees.entry, name="entry"),
    path("schedule/<int:pk>/attendees.csv", attendees.attendees_csv, name="attendees_csv"),
    path("schedule/<int:pk>/cancel-places/", attendees.seats_cancel, name="seats_cancel"),
    path("schedule/<int:pk>/book/", by_hand.entry_book, name="entry_book"),
    path("schedule/<int:pk>/edit/", entries.entry_edit, name="entry_edit"),
    path("schedule/<int:pk>/repeat/", entries.entry_extend, name="entry_extend"),
    path("schedule/<int:pk>/cancel/", entries.entry_cancel, name="entry_cancel"),
    path("schedule/<int:pk>/tickets/", sale.entry_tickets, name="entry_tickets"),
    path("schedule/<int:pk>/tickets/new/", sale.ticket_create, name="ticket_create"),
    path("schedule/<int:pk>/tickets/<int:ticket>/", sale.ticket_edit, name="ticket_edit"),
    path("schedule/<int:pk>/tickets/<int:ticket>/remove/", sale.ticket_remove, name="ticket_remove"),
]
