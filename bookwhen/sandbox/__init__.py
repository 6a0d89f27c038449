"""The stand-ins that the demo and the tests run on; the application never imports them."""
