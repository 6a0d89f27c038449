"""The dashboard pages of the schedule, bookings, payments and customers."""
