"""Seeing what the site does: logs of one line each, the ids that connect them, metrics, and errors reported to Sentry.

It knows nothing of studios, so every app may use it; what is read of the database for the keeper is in
`bookwhen.installation.dashboard`.
"""
