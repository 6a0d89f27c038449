"""The public pages of the schedule and of bookings."""
