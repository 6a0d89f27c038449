"""When Python looks for rubbish that holds itself alive: not while a batch is worked off."""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def without_collecting() -> Generator[None]:
    """Leave the search for cycles for as long as this lasts; also a decorator. What is no cycle goes at once as always.

    For batches of bounded size alone. The collector sets off by how many objects were made, and a batch makes
    tens of thousands that all live up to its end: it goes through them, and all that the process has loaded, in vain.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
