"""The demo studio: a season of classes, its members and what they booked, made by the services that everyone uses.

What it says is what a studio would have typed: content, not
translated.
"""
