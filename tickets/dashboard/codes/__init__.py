"""The pages of discount codes."""
