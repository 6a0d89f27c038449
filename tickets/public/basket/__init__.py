"""The pages of a basket."""
