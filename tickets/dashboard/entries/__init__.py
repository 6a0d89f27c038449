"""The pages of one entry: its details, its tickets, its attendees."""
