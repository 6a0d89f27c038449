"""The schedule: entries, their tickets, bookings and seats, and which tickets an offer covers."""
