"""Long jobs of an account, worked off in the background: one way for imports and whatever else takes minutes.

A kind of job registers from its app's `ready()` (`kinds`). It has phases, each of which works in batches that are safe
to repeat; a phase may end in waiting for a decision. `services` begins, goes on, cancels and tries again; `running` is
what workers do. docs/decisions/0039.
"""
