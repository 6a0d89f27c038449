"""How the site is run for real, and tried."""
