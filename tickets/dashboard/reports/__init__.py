"""*Reports*: how full entries were, members who joined and left, uses, and the income; each with a file of it."""
