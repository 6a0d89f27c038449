"""Customer groups, their members, and the grounds on which somebody stands in them."""
