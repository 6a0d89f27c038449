"""Django's backend for PostgreSQL, and what servers that come and go ask of it beyond that (settings.DATABASES)."""
