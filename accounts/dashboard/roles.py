"""What each role may do: the table on *Team*, and what the tests hold every page of the dashboard against."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import MANAGE_ACCOUNT, MANAGE_CUSTOMERS, MANAGE_SCHEDULE, SEE_ATTENDEES
from accounts.models import Role


@dataclass(frozen=True, slots=True)
class Area:
    """Something that a team member does, the roles that may, and the pages (URL names in the dashboard) for it."""

    words: str | Promise
    roles: frozenset[Role]
    pages: frozenset[str]

    @property
    def allowed(self) -> list[tuple[str, bool]]:
        """Each role by its name, and whether it may."""
        return [(str(role.label), role in self.roles) for role in Role]


def _pages(names: str) -> frozenset[str]:
    return frozenset(names.split())


AREAS: Final = (
    Area(
        _("See the schedule and who’s coming, and print or download the list"),
        SEE_ATTENDEES,
        _pages("overview schedule entry attendees_csv attendees_print register_scan entry_waiting"),
    ),
    Area(
        _("Mark who came. Leaders can only at entries they lead, or that name no leaders"),
        SEE_ATTENDEES,
        _pages("attendance_mark attendance_rest"),
    ),
    Area(
        _("Add, change and cancel entries. Cancelling one refunds everyone booked"),
        MANAGE_SCHEDULE,
        _pages("entry_create entry_edit entry_retime entry_extend entry_dates entry_skip entry_cancel"),
    ),
    Area(
        _("Add and change leaders, locations, tags and pictures"),
        MANAGE_SCHEDULE,
        _pages(
            "leaders leader_archived leader_new leader_edit leader_archive leader_restore leader_delete"
            " locations location_archived location_new location_edit location_archive location_restore location_delete"
            " entry_leaders entry_picture"
            " tags tag_archived tag_new tag_edit tag_archive tag_restore tag_delete"
        ),
    ),
    Area(
        _("Set up tickets and what they cost"),
        MANAGE_SCHEDULE,
        _pages("entry_tickets tickets_copy ticket_create ticket_edit ticket_move ticket_remove"),
    ),
    Area(
        _("Book for customers, and move, cancel and refund their bookings"),
        MANAGE_CUSTOMERS,
        _pages(
            "bookings booking booking_cancel seats_cancel entry_book walk_in seat_move seat_name booking_settled"
            " waiting_offer waiting_move_up waiting_remove customer_book"
        ),
    ),
    Area(
        _("See and download payments, and refund any of them"),
        MANAGE_CUSTOMERS,
        _pages(
            "payment_list payments_csv dispute_list payment payment_refund payment_settled refund_again refund_settled"
            " receipt_list receipts_csv receipt"
        ),
    ),
    Area(
        _("Take money at the studio, give it back, and see who owes what"),
        MANAGE_CUSTOMERS,
        _pages(
            "to_collect customer_money customer_take customer_give_back seat_take cash_book cash_book_csv"
            " studio_payment studio_payment_correct studio_payment_undo"
        ),
    ),
    Area(
        _("See reports of members, how full entries were, and uses"),
        MANAGE_CUSTOMERS,
        _pages(
            "reports report_fullness report_fullness_csv report_members report_members_csv report_member_names"
            " report_uses report_uses_csv"
        ),
    ),
    Area(
        _("See the income, the ledger, payouts and the VAT of each month"),
        MANAGE_ACCOUNT,
        _pages(
            "report_income report_income_csv report_ledger report_ledger_csv report_payouts report_payouts_csv"
            " report_payout report_payout_csv vat_summary"
        ),
    ),
    Area(
        _("See customers and the emails that haven’t reached them, and manage customer groups"),
        MANAGE_CUSTOMERS,
        _pages(
            "customers old_groups customer customer_new customer_contact customer_name customer_note"
            " customer_addresses customer_address_main customer_address_remove customer_merge customer_merge_with"
            " customer_group_add customer_group_end customer_uses customer_uses_take_back"
            " customer_invite group_link group_link_edit group_link_stop group_link_renew group_link_code"
            " group_link_decide emails email_retry groups groups_archived group_new group"
            " group_customers group_offers group_tickets group_memberships group_edit group_archive group_restore"
            " group_delete customers_add pasted_list customer_remove customer_start_date members_change"
            " member_change member_change_undo group_customers_csv"
        ),
    ),
    Area(
        _("Email many customers at once, and see who got it"),
        MANAGE_CUSTOMERS,
        _pages(
            "messages message_new message message_edit message_delete message_send message_test message_unschedule"
            " message_stop message_continue message_people message_csv"
        ),
    ),
    Area(
        _("Create offers and discounts, and check customers’ access"),
        MANAGE_CUSTOMERS,
        _pages("offer_new offer_edit offer_replace offer_delete check_access access_cure"),
    ),
    Area(
        _("Create discount codes, and see who has used them"),
        MANAGE_CUSTOMERS,
        _pages(
            "discount_codes discount_code_new discount_code_edit discount_code_uses discount_code_csv"
            " discount_code_delete"
        ),
    ),
    Area(
        _("Sell memberships, set their prices, and change, pause or cancel customers’ memberships"),
        MANAGE_CUSTOMERS,
        _pages(
            "memberships membership_new membership membership_edit membership_delete subscribers price_new price_edit"
            " price_archive price_restore subscriptions subscription subscription_cancel subscription_keep"
            " subscription_pause subscription_resume subscription_let_in"
            " subscription_change subscription_change_undo"
        ),
    ),
    Area(
        _("Import customers and bookings from a list, and undo that"),
        MANAGE_CUSTOMERS,
        _pages(
            "moving_in moving_undo list_imports list_import list_import_columns list_import_groups"
            " list_import_confirm list_import_undo"
            " list_import_rows list_import_row list_import_choose list_import_refused"
        ),
    ),
    Area(
        _("Export customers, bookings, attendance, memberships and payments as files"),
        MANAGE_CUSTOMERS,
        _pages("exports"),
    ),
    Area(
        _("Export everything, and all that is kept about one customer"),
        MANAGE_ACCOUNT,
        _pages("exports_archive customer_data"),
    ),
    Area(
        _("Import memberships from Stripe, and see what runs in the background"),
        MANAGE_CUSTOMERS,
        _pages(
            "stripe_imports stripe_import stripe_import_map stripe_import_rows stripe_import_row stripe_import_choose"
            " stripe_import_confirm stripe_import_undo operations operation operation_file operation_cancel"
            " operation_retry"
        ),
    ),
    Area(
        _("See problems with payments and records, and compare with Stripe again"),
        MANAGE_CUSTOMERS,
        _pages(
            "books payments_health payments_catch_up payments_compare payments_differences payments_event"
            " payments_event_replay"
        ),
    ),
    Area(
        _("See who on the team did what, as far as the role can see what was done"),
        SEE_ATTENDEES,
        _pages("history history_csv history_of"),
    ),
    Area(
        _("Connect and disconnect Stripe"),
        MANAGE_ACCOUNT,
        _pages(
            "payments payments_policy payments_debits payments_name payments_test payments_endpoint payments_key"
            " payments_disconnect"
        ),
    ),
    Area(
        _("Change settings, plan and schedule pages"),
        MANAGE_ACCOUNT,
        _pages("settings plan pages page_new page_edit pauses"),
    ),
    Area(
        _("Set the logo and colours, and change what emails say"),
        MANAGE_ACCOUNT,
        _pages("branding letter_texts letter_text letter_text_reset"),
    ),
    Area(
        _("Number receipts, and set the business’s details and VAT rates on them"),
        MANAGE_ACCOUNT,
        _pages("receipt_settings receipts_off vat_rate_new vat_rate_edit vat_rate_retire vat_rate_restore"),
    ),
    Area(
        _("Erase customers, and choose how long data is kept"),
        MANAGE_ACCOUNT,
        _pages("customer_erase keeping"),
    ),
    Area(
        _("Manage the team, and ask it for two-step login"),
        MANAGE_ACCOUNT,
        _pages("team team_two_step staff_new staff_edit staff_remove"),
    ),
)
"""Every page of the dashboard is in one of them."""
