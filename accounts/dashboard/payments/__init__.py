"""*Settings → Payments*: the connection to Stripe and how it is."""
