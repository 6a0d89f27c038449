"""Money for tickets: prices and the discounts that apply automatically, and refunds."""
