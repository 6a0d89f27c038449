"""Memberships in the dashboard: what is sold, and what customers have."""
