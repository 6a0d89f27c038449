"""The operator's pages on the account itself: overview, customers, settings, plan, pages and team."""
