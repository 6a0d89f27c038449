"""docs/stripe.md and the list of permissions are true to the code."""

import os

from bookwhen.payments.permissions import BY_OPERATION, CALLS, create_key_url, need_of, needed
from tests.payments.stripe_list import DOCUMENT, operations_asked, render, request_of


def test_every_call_is_in_the_list() -> None:
    missing = [
        f'Call("{operation}", _read(R.…), "what for"),  # {where}'
        for operation, where in sorted(operations_asked().items())
        if operation not in BY_OPERATION
    ]
    assert missing == [], "Add to CALLS in bookwhen/payments/permissions.py:\n" + "\n".join(missing)


def test_the_list_is_in_order_and_names_a_call_once() -> None:
    operations = [call.operation for call in CALLS]
    assert operations == sorted(set(operations))


def test_a_call_that_changes_something_needs_to_write() -> None:
    for call in CALLS:
        if call.need is not None:
            assert call.need.write is (not request_of(call).startswith("GET")), call.operation


def test_the_document_is_what_the_code_says() -> None:
    again = "Write it again: STRIPE_LIST=write .venv/bin/python -m pytest -n0 tests/payments/test_stripe_list.py"
    if os.environ.get("STRIPE_LIST") == "write":
        DOCUMENT.write_text(render())
    assert DOCUMENT.read_text() == render(), again


def test_stripes_page_for_a_new_key_is_told_what_to_tick() -> None:
    url = create_key_url("River & Co")
    assert url.startswith("https://dashboard.stripe.com/apikeys/create?name=River+%26+Co&permissions%5B%5D=rak_")
    assert url.count("permissions%5B%5D=") == len(needed())


def test_what_a_refusal_lacked_is_read_from_it_or_known() -> None:
    by_name = "Having the 'rak_charge_write' permission would allow this request to continue."
    assert str(need_of("refunds.create", by_name)) == "Charges and Refunds: Write"
    assert str(need_of("refunds.create", "You may not.")) == "Charges and Refunds: Write"
    assert str(need_of("subscriptions.retrieve", "Having the 'rak_invoice_read' permission")) == "Invoices: Read"
    assert need_of("accounts.retrieve_current", "Having the 'rak_accounts_kyc_basic_read' permission") is None
