"""*History*: what was done in the dashboard, by whom."""
