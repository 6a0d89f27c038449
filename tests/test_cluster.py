"""The measures of `deploy.cluster`, which itself needs root and is run by hand."""

import smtplib
import threading
from pathlib import Path

from deploy.cluster.sink import Sink
from deploy.cluster.visitors import Told


def test_each_letter_is_counted_once_it_is_taken(tmp_path: Path) -> None:
    kept = tmp_path / "letters"
    with Sink(0, kept) as sink:
        thread = threading.Thread(target=sink.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        with smtplib.SMTP("127.0.0.1", sink.server_address[1]) as client:
            for number in (1, 2, 1):
                letter = (
                    f"Subject: Booked\r\nMessage-ID: <letter-{number}@site>\r\n\r\nmessage-id: <not-this>\r\n.\r\nBye"
                )
                client.sendmail("studio@example.org", ["ada@example.org"], letter)
        sink.shutdown()
        thread.join()

    assert kept.read_text().split() == ["<letter-1@site>", "<letter-2@site>", "<letter-1@site>"]


def test_a_gap_begins_and_ends_with_the_fault_too() -> None:
    told = Told(good=[(1.0, "book"), (4.0, "page"), (5.0, "book"), (6.0, "book")])

    assert [told.gap("book", 0.0, 8.0), told.gap("book", 2.0, 6.5), told.gap("page", 0.0, 10.0)] == [4.0, 3.0, 6.0]
    assert told.gap("entry", 1.0, 8.0) == 7.0


def test_what_is_sold_out_is_no_bad_answer() -> None:
    told = Told(
        answers=[(1.0, "book", 302), (1.5, "book", 409), (2.0, "book", 0), (3.0, "book", 500), (9.0, "book", 503)]
    )

    assert dict(told.bad(0.0, 5.0)) == {"none": 1, "500": 1}
