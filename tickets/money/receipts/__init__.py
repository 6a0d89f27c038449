"""Receipts: what they say of the business, their VAT, and their numbers."""
