"""Reading public pages from a real streaming standby."""
