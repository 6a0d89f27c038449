"""Email texts: which kinds there are, what each says, and how a studio words them."""
