"""*Messages*: writing to many customers at once, and what became of it."""
