"""The operator's pages for customer groups."""
