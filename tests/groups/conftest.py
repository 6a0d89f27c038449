"""A group, and an operator at the desk of its studio."""

import pytest

from groups.models import Group
from tests.factories.schedule import GroupFactory
from tests.worlds.dashboard import Dashboard, open_dashboard


@pytest.fixture
def group() -> Group:
    return GroupFactory.create(name="Members")


@pytest.fixture
def dashboard(group: Group) -> Dashboard:
    return open_dashboard(group.account)
