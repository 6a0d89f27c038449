"""*Everything*: one ZIP of all that is a studio's, written by a worker in parts. docs/decisions/0073.

`zipping` writes a ZIP a piece at a time (pure); `tables` says of every table whether and where it is in it; `contents`
gives what is in it, some at a time; `writing` is what workers do.
"""
