"""The pages of payments and refunds."""
