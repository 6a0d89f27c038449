"""A copy of the database that answers strangers on public pages, and nobody else (`DATABASE_REPLICA_URL`).

`routing` says which requests may read it, `watch` whether it is near enough to the primary, `position` lets people who
wrote something see it. Without the setting all of it is idle. docs/decisions/0032 says why it is like this.
"""
