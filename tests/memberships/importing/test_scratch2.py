from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.worlds.elsewhere import *


def test_x(db, stripe_here):
    w = open_elsewhere(stripe_here)
    p = w.price()
    for n in range(3):
        w.member(f"m{n}@example.org", p)
    r = w.judge(w.read(), Gold="new")
    confirm_import(r, letter=False, now=timezone.now())
    with CaptureQueriesContext(connection) as c:
        r=w.run(r)
    for q in c.captured_queries: print(q["time"], q["sql"][:170].replace("\n"," "))
    with CaptureQueriesContext(connection) as c:
        r=w.undo(r)
    print("UNDO")
    for q in c.captured_queries: print(q["time"], q["sql"][:170].replace("\n"," "))
    assert 0
