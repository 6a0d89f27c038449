"""The page that an invitation link opens."""
