"""A group with a link to it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from groups.links.models import InvitationLink
from groups.links.services import LinkTerms, make_link
from groups.models import Group
from tests.factories.accounts import SchedulePageFactory
from tests.factories.schedule import NOW, GroupFactory
from tests.worlds.dashboard import Dashboard, open_dashboard

DAY = timedelta(days=1)


def new_link(group: Group, **terms: Any) -> InvitationLink:
    wanted = LinkTerms(**{"ends_at": None, "most": None, "needs_approval": False, **terms})
    return make_link(group, wanted, key=uuid4(), now=NOW)


@pytest.fixture
def group() -> Group:
    group = GroupFactory.create(name="Members")
    SchedulePageFactory.create(account=group.account, slug="river")
    return group


@pytest.fixture
def dashboard(group: Group) -> Dashboard:
    return open_dashboard(group.account)
