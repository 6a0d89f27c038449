"""The waiting list: who waits at a full entry, and how what comes free is offered to them (docs/decisions/0061)."""
