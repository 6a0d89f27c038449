"""The operator's pages for offers."""
