"""A group with something to offer, and an operator at the desk of its studio."""

import pytest

from groups.models import Group
from tests.factories.schedule import EntryFactory, GroupFactory, TicketFactory
from tests.worlds.dashboard import Dashboard, open_dashboard


@pytest.fixture
def group() -> Group:
    """A group of a studio with one page, and an exclusive ticket there that names it."""
    entry = EntryFactory.create(title="Yoga")
    group = GroupFactory.create(account=entry.account)
    TicketFactory.create(entry=entry, group=group, name="Member place")
    return group


@pytest.fixture
def dashboard(group: Group) -> Dashboard:
    return open_dashboard(group.account)
