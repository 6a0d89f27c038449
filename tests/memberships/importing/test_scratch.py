import time

from groups.models import *
from memberships.models import *
from memberships.reconciliation import reconcile
from tests.worlds.elsewhere import *


def test_x(db, stripe_here):
    w = open_elsewhere(stripe_here)
    t=time.time()
    p = w.price()
    for n in range(300):
        w.member(f"m{n}@example.org", p)
    print("made", time.time()-t); t=time.time()
    r = w.read(); print("read", time.time()-t, r.operation.state, r.operation.error); t=time.time()
    r = w.judge(r, Gold="new"); print("judged", time.time()-t, r.operation.state, r.operation.error); t=time.time()
    confirm_import(r, letter=False, now=timezone.now()); r=w.run(r)
    print("applied", time.time()-t, r.operation.state, r.operation.error, r.operation.done); t=time.time()
    print(Subscription.objects.count(), Standing.objects.count(), r.rows.values_list("state","verdict","error").distinct())
    print(Membership.objects.values(), Price.objects.values())
    reconcile(r.account.connection, timezone.now())
    print("reconciled", time.time()-t, Difference.objects.values()); t=time.time()
    r=w.undo(r)
    print("undone", time.time()-t, r.operation.state, r.operation.error, r.operation.done); t=time.time()
    print(Subscription.objects.count(), Standing.objects.count(), Membership.objects.count(), Group.objects.count(), Customer.objects.count(), r.rows.values_list("state","verdict","error").distinct())
    reconcile(r.account.connection, timezone.now())
    print("reconciled", time.time()-t, Difference.objects.count(), Subscription.objects.count()); t=time.time()
    assert 0
