"""A group, and an operator at the desk of its studio."""

import pytest

from groups.models import Group
from tests.factories.desk import Desk, desk
from tests.factories.schedule import GroupFactory


@pytest.fixture
def group() -> Group:
    return GroupFactory.create(name="Members")


@pytest.fixture
def at(group: Group) -> Desk:
    return desk(group.account)
