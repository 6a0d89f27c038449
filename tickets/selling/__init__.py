"""Selling: baskets that hold places and uses for a time, their prices, their payment through Stripe, and refunds."""
