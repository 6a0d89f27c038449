"""The pages of *Import from Stripe*."""
