"""What people paste into *Add customers*, read as a person would read it."""
