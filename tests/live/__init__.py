"""What the application does at Stripe, told once for the sandbox and once, on demand, for Stripe itself."""
