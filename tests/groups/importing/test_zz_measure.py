import time, resource
import pytest
from django.utils import timezone
from accounts.imports.services import confirm_import, map_import
from tests.factories.accounts import AccountFactory
from tests.factories.schedule import GroupFactory
from tests.worlds.listed import guessed, read, run, undo
pytestmark = pytest.mark.django_db
def test_measure():
    a = AccountFactory.create(); g = GroupFactory.create(account=a)
    n = 20000
    text = "First name,Last name,Email,Mobile,Start date,Notes\n" + "".join(f"Lisa,L{i},l{i}@example.org,07911 {i:06},3/4/2024,Mat {i}\n" for i in range(n))
    def rss(): return int(open('/proc/self/statm').read().split()[1])*4//1024
    t=time.process_time(); w=time.time(); f=read(a, text); print("\nread", time.process_time()-t, time.time()-w, rss())
    t=time.process_time(); w=time.time(); map_import(f, guessed(f)|{"group":str(g.pk)}, now=timezone.now()); f=run(f); print("judge", time.process_time()-t, time.time()-w, rss())
    t=time.process_time(); w=time.time(); confirm_import(f, now=timezone.now()); f=run(f); print("apply", time.process_time()-t, time.time()-w, rss())
    print(f.operation.state, f.rows.filter(state="applied").count())
