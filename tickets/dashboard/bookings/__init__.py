"""The pages of bookings, and cancelling places of one."""
