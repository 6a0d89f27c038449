"""*Check access* from an attendee’s row."""

import html
import re

import pytest

from tests.worlds.dashboard import open_dashboard
from tests.worlds.members_studio import MembersStudio

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_at_noon")]


def test_an_attendees_row_leads_to_check_access_about_them_and_their_ticket() -> None:
    studio = MembersStudio()
    studio.book()
    at = open_dashboard(studio.account)

    page = at.get("entry", pk=studio.entry.pk).content.decode()

    found = [html.unescape(link) for link in re.findall(r'href="([^"]*check-access/\?[^"]*)"', page)]
    question = f"?customer={studio.customer.pk}&at={studio.entry.pk}-{studio.ticket.pk}"
    assert found == [f"{at.url('check_access')}{question}"]
    assert at.client.get(found[0]).context["finding"] is not None
