"""What the keeper of the installation sees of it: their page, and the numbers that Prometheus reads."""
