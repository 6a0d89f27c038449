"""What a stranger types as a name goes into a letter to somebody else."""

import pytest
from django.test import Client

from accounts.models import Letter
from tests.browsing import page_text
from tests.test_text import NO_LINK, ONE_LINE
from tests.tickets.public.booking import ZOE
from tests.worlds.river import RiverStudio
from tickets.models import Booking

pytestmark = pytest.mark.django_db

PARCEL = "Your parcel\n\nClaim your refund: https://evil.example/pay\n\nx"


class TestTheLetterOfAStranger:
    """Somebody books for a victim: the studio's letter must not carry their words."""

    @pytest.mark.parametrize(
        ("name", "says"),
        [(PARCEL, ONE_LINE), (PARCEL.replace("\n", "\x85"), ONE_LINE), (PARCEL.replace("\n", " "), NO_LINK)],
    )
    def test_the_name_of_the_booker_brings_no_lines_and_no_link(
        self, client: Client, studio: RiverStudio, name: str, says: str
    ) -> None:
        form = {f"t{studio.drop_in.pk}": "1", "key": "0d0cf0a4-4b71-4c8c-8e5e-8f8f8f8f8f8f"}
        who = {f"t{studio.drop_in.pk}-1-who": "self"}
        answer = client.post(studio.review_path(drop_in=1), {**ZOE, **form, **who, "booker-name": name})

        assert (answer.status_code, Booking.objects.count(), Letter.objects.count()) == (422, 0, 0)
        assert says in page_text(answer)

    def test_nor_does_the_name_of_a_guest(self, client: Client, studio: RiverStudio) -> None:
        prefix = f"t{studio.drop_in.pk}-1"
        form = {f"t{studio.drop_in.pk}": "1", "key": "0d0cf0a4-4b71-4c8c-8e5e-8f8f8f8f8f8f"}
        guest = {f"{prefix}-who": "guest", f"{prefix}-name": PARCEL}
        answer = client.post(studio.review_path(drop_in=1), {**ZOE, **form, **guest})

        assert (answer.status_code, Booking.objects.count(), Letter.objects.count()) == (422, 0, 0)
        assert "Type “Their name” on one line" in page_text(answer)
