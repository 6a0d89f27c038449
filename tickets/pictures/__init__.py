"""Pictures of entries: taken in, kept in two sizes, and shown."""
