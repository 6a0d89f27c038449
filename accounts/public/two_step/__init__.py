"""The pages of two-step login: allauth's views with our forms and templates, and what a studio asks of its team."""
