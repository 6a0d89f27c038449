"""What people paste, read."""
