"""Bookings: made, held in a basket, cancelled, released, and the emails that tell of it."""
