"""Whether there is a place, and for whom: the facts the rule judges by, the counters of places, the order of locks."""
