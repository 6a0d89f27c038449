"""Invitation links: who opens one, logged in, joins its group or asks to."""
