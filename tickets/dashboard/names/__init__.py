"""The pages of leaders, locations and tags."""
