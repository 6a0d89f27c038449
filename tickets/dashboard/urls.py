"""The addresses below /dashboard/<account>/ that this app serves."""

from typing import Final

from django.urls import URLPattern, path

from tickets.dashboard import attendees, books, by_hand, entries, sale, schedule

urlpatterns: Final[list[URLPattern]] = [
    path("books/", books.books, name="books"),
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
