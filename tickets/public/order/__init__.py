"""The review step: from what was chosen at an entry to a booking, or to tickets in the basket."""
