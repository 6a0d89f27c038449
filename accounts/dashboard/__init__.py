"""The operator's pages on the account itself: overview, settings, plan, pages and team."""
