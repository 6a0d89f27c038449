"""Writing to many customers from the dashboard."""
