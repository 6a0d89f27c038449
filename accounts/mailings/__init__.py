"""Messages: what a studio writes to many (docs/decisions/0082, 0083).

`audiences` is the registry: each app says whom it knows how to write to. `reasons` says who of them gets nothing, and
why; `texts` reads what was typed, `letters` makes emails of it. `services` is what people decide, `sending` what
workers do, `results` what came of it.
"""
