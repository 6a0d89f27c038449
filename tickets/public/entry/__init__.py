"""The page of an entry, as its visitor may book it."""
