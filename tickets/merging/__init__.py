"""When two customers become one: their bookings, the people they bring, and their place in line."""
