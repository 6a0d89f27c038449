"""Memberships, their prices and subscriptions."""
