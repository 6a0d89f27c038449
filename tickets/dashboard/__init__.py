"""The dashboard pages of the schedule and of bookings."""
