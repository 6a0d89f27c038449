"""The least that Django can do: a page of 50 rows, a booking of one statement, an event of Stripe's that is stored.

A Django project of its own, for gunicorn alone: nothing of ours is in it, and nothing here is imported by ours.
"""
