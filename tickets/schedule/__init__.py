"""The schedule: series and entries, the tickets on sale at them, and which tickets an offer covers."""
