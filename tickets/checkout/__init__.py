"""Baskets and how they are paid for through Stripe."""
