"""Merging: two customers of an account who are one person become one (docs/decisions/0071).

`parts` is the registry: each app says what becomes of what it keeps of a person. `services` does all of it in one
transaction. Who is gone has no row any more, so that the database refuses whatever would still be theirs.
"""
