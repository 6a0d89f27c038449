"""Import from Stripe: subscriptions that began there, taken over where they are.

Same card, same billing date; nothing is charged, cancelled or changed at Stripe, which is only ever read. `reading`
lists them, `targets` says what the operator wants to become of which, `judging` what would become of each,
`taking_over` does it, `undoing` takes it back; `source` is all of it as a list import. docs/decisions/0040.
"""
