"""The addresses below /dashboard/<account>/ that this app serves."""

from typing import Final

from django.urls import URLPattern, path

from tickets.dashboard import consistency, customers, history_csv, schedule
from tickets.dashboard.bookings import moving, seats
from tickets.dashboard.bookings import views as bookings_views
from tickets.dashboard.codes import views as codes_views
from tickets.dashboard.entries import (
    attendees,
    by_hand,
    cancelling,
    changing,
    dates,
    making,
    marking,
    retiming,
    tickets,
    waiting,
    walk_ins,
)
from tickets.dashboard.entries import views as entries_views
from tickets.dashboard.exports import views as exports_views
from tickets.dashboard.lists import moving as list_moving
from tickets.dashboard.lists import rows as list_rows
from tickets.dashboard.lists import views as list_views
from tickets.dashboard.messages import people as message_people
from tickets.dashboard.messages import views as messages_views
from tickets.dashboard.messages import writing as message_writing
from tickets.dashboard.names import views as names_views
from tickets.dashboard.names.kinds import KINDS, Kind
from tickets.dashboard.payments import disputes, owed, refunds
from tickets.dashboard.payments import views as payments_views
from tickets.dashboard.people import addresses, booking, contacts, details, hub, inviting
from tickets.dashboard.people import erasing as people_erasing
from tickets.dashboard.people import groups as people_groups
from tickets.dashboard.people import merging as people_merging
from tickets.dashboard.receipts import settings as receipts_settings
from tickets.dashboard.receipts import views as receipts_views
from tickets.dashboard.reports import fullness as report_fullness
from tickets.dashboard.reports import income as report_income
from tickets.dashboard.reports import ledger as report_ledger
from tickets.dashboard.reports import members as report_members
from tickets.dashboard.reports import payouts as report_payouts
from tickets.dashboard.reports import summary as report_summary
from tickets.dashboard.reports import uses as report_uses
from tickets.dashboard.studio import cash_book, collecting, correcting, taking


def _named(kind: Kind) -> list[URLPattern]:
    """The pages of leaders, locations or tags."""
    own, folder = {"kind": kind}, f"schedule/{kind.folder}/"
    return [
        path(folder, names_views.names, own, name=kind.folder),
        path(f"{folder}archived/", names_views.names, own | {"archived": True}, name=f"{kind.name}_archived"),
        path(f"{folder}new/", names_views.name_new, own, name=f"{kind.name}_new"),
        path(f"{folder}<int:pk>/", names_views.name_edit, own, name=f"{kind.name}_edit"),
        path(f"{folder}<int:pk>/archive/", names_views.name_archive, own, name=f"{kind.name}_archive"),
        path(f"{folder}<int:pk>/restore/", names_views.name_restore, own, name=f"{kind.name}_restore"),
        path(f"{folder}<int:pk>/delete/", names_views.DELETIONS[kind], own, name=f"{kind.name}_delete"),
    ]


urlpatterns: Final[list[URLPattern]] = [
    *(page for kind in KINDS for page in _named(kind)),
    path("bookings/", bookings_views.bookings, name="bookings"),
    path("bookings/<int:pk>/", bookings_views.booking, name="booking"),
    path("bookings/<int:pk>/cancel-places/", bookings_views.booking_cancel, name="booking_cancel"),
    path("bookings/<int:pk>/settled/", bookings_views.booking_settled, name="booking_settled"),
    path("spaces/<int:pk>/move/", moving.seat_move, name="seat_move"),
    path("spaces/<int:pk>/take/", taking.seat_take, name="seat_take"),
    path("spaces/<int:pk>/name/", seats.seat_name, name="seat_name"),
    path("books/", consistency.books, name="books"),
    path("customers/", customers.customers, name="customers"),
    path("messages/", messages_views.message_list, name="messages"),
    path("messages/new/", message_writing.message_new, name="message_new"),
    path("messages/<int:pk>/", messages_views.message, name="message"),
    path("messages/<int:pk>/edit/", message_writing.message_edit, name="message_edit"),
    path("messages/<int:pk>/delete/", message_writing.message_delete, name="message_delete"),
    path("messages/<int:pk>/send/", messages_views.message_send, name="message_send"),
    path("messages/<int:pk>/test/", messages_views.message_test, name="message_test"),
    path("messages/<int:pk>/unschedule/", messages_views.message_unschedule, name="message_unschedule"),
    path("messages/<int:pk>/stop/", messages_views.message_stop, name="message_stop"),
    path("messages/<int:pk>/continue/", messages_views.message_continue, name="message_continue"),
    path("messages/<int:pk>/people/<str:show>/", message_people.message_people, name="message_people"),
    path("messages/<int:pk>/download/", message_people.message_csv, name="message_csv"),
    path("customers/groups/", customers.old_menu_path, name="old_groups"),
    path("customers/moving-in/", list_moving.moving_in, name="moving_in"),
    path("customers/moving-in/undo/", list_moving.moving_undo, name="moving_undo"),
    path("customers/imports/", list_views.list_imports, name="list_imports"),
    path("customers/imports/<int:pk>/", list_views.list_import, name="list_import"),
    path("customers/imports/<int:pk>/columns/", list_views.list_import_columns, name="list_import_columns"),
    path("customers/imports/<int:pk>/groups/", list_views.list_import_groups, name="list_import_groups"),
    path("customers/imports/<int:pk>/confirm/", list_views.list_import_confirm, name="list_import_confirm"),
    path("customers/imports/<int:pk>/undo/", list_views.list_import_undo, name="list_import_undo"),
    path("customers/imports/<int:pk>/rows/", list_rows.list_import_rows, name="list_import_rows"),
    path("customers/imports/<int:pk>/rows/choose/", list_rows.list_import_choose, name="list_import_choose"),
    path("customers/imports/<int:pk>/rows/<int:line>/", list_rows.list_import_row, name="list_import_row"),
    path("customers/imports/<int:pk>/left-out.csv", list_rows.list_import_refused, name="list_import_refused"),
    path("customers/new/", contacts.customer_new, name="customer_new"),
    path("customers/<int:pk>/", hub.customer, name="customer"),
    path("customers/<int:pk>/contact/", contacts.customer_contact, name="customer_contact"),
    path("customers/<int:pk>/name/", details.customer_name, name="customer_name"),
    path("customers/<int:pk>/note/", details.customer_note, name="customer_note"),
    path("customers/<int:pk>/addresses/", addresses.customer_addresses, name="customer_addresses"),
    path(
        "customers/<int:pk>/addresses/<int:address>/main/",
        addresses.customer_address_main,
        name="customer_address_main",
    ),
    path(
        "customers/<int:pk>/addresses/<int:address>/remove/",
        addresses.customer_address_remove,
        name="customer_address_remove",
    ),
    path("customers/<int:pk>/merge/", people_merging.customer_merge, name="customer_merge"),
    path("customers/<int:pk>/merge/<int:other>/", people_merging.customer_merge_with, name="customer_merge_with"),
    path("customers/<int:pk>/invite/", inviting.customer_invite, name="customer_invite"),
    path("customers/<int:pk>/erase/", people_erasing.customer_erase, name="customer_erase"),
    path("customers/<int:pk>/book/", booking.customer_book, name="customer_book"),
    path("customers/<int:pk>/money/", collecting.customer_money, name="customer_money"),
    path("customers/<int:pk>/money/take/", taking.customer_take, name="customer_take"),
    path("customers/<int:pk>/money/give-back/", taking.customer_give_back, name="customer_give_back"),
    path("customers/<int:pk>/groups/add/", people_groups.customer_group_add, name="customer_group_add"),
    path("customers/<int:pk>/groups/<int:member>/end/", people_groups.customer_group_end, name="customer_group_end"),
    path("customers/<int:pk>/groups/<int:member>/uses/<int:offer>/", people_groups.customer_uses, name="customer_uses"),
    path(
        "customers/<int:pk>/uses/<int:extra>/take-back/",
        people_groups.customer_uses_take_back,
        name="customer_uses_take_back",
    ),
    path("discount-codes/", codes_views.discount_codes, name="discount_codes"),
    path("discount-codes/new/", codes_views.discount_code_new, name="discount_code_new"),
    path("discount-codes/<int:pk>/", codes_views.discount_code_edit, name="discount_code_edit"),
    path("discount-codes/<int:pk>/uses/", codes_views.discount_code_uses, name="discount_code_uses"),
    path("discount-codes/<int:pk>/uses.csv", exports_views.discount_code_csv, name="discount_code_csv"),
    path("discount-codes/<int:pk>/delete/", codes_views.discount_code_delete, name="discount_code_delete"),
    path("exports/", exports_views.exports, name="exports"),
    path("exports/everything/", exports_views.exports_archive, name="exports_archive"),
    path("groups/<int:pk>/customers.csv", exports_views.group_customers_csv, name="group_customers_csv"),
    path("history/history.csv", history_csv.history_csv, name="history_csv"),
    path("money/", collecting.to_collect, name="to_collect"),
    path("money/cash-book/", cash_book.cash_book, name="cash_book"),
    path("money/cash-book/cash-book.csv", cash_book.cash_book_csv, name="cash_book_csv"),
    path("money/taken/<int:pk>/", correcting.studio_payment, name="studio_payment"),
    path("money/taken/<int:pk>/correct/", correcting.studio_payment_correct, name="studio_payment_correct"),
    path("money/taken/<int:pk>/undo/", correcting.studio_payment_undo, name="studio_payment_undo"),
    path("payments/", payments_views.payment_list, name="payment_list"),
    path("payments/payments.csv", exports_views.payments_csv, name="payments_csv"),
    path("payments/disputes/", disputes.dispute_list, name="dispute_list"),
    path("payments/<int:pk>/", payments_views.payment, name="payment"),
    path("payments/<int:pk>/refund/", refunds.payment_refund, name="payment_refund"),
    path("payments/<int:pk>/settled/", owed.payment_settled, name="payment_settled"),
    path("receipts/", receipts_views.receipt_list, name="receipt_list"),
    path("receipts/receipts.csv", receipts_views.receipts_csv, name="receipts_csv"),
    path("receipts/vat/", receipts_views.vat_summary, name="vat_summary"),
    path("receipts/<int:pk>/", receipts_views.receipt, name="receipt"),
    path("register/<uuid:seat>/", marking.register_scan, name="register_scan"),
    path("refunds/<int:pk>/again/", refunds.refund_again, name="refund_again"),
    path("refunds/<int:pk>/settled/", refunds.refund_settled, name="refund_settled"),
    path("settings/receipts/", receipts_settings.receipt_settings, name="receipt_settings"),
    path("settings/receipts/off/", receipts_settings.receipts_off, name="receipts_off"),
    path("settings/receipts/rates/new/", receipts_settings.vat_rate_new, name="vat_rate_new"),
    path("settings/receipts/rates/<int:pk>/", receipts_settings.vat_rate_edit, name="vat_rate_edit"),
    path("settings/receipts/rates/<int:pk>/retire/", receipts_settings.vat_rate_retire, name="vat_rate_retire"),
    path("settings/receipts/rates/<int:pk>/restore/", receipts_settings.vat_rate_restore, name="vat_rate_restore"),
    path("reports/", report_summary.reports, name="reports"),
    path("reports/fullness/", report_fullness.report_fullness, name="report_fullness"),
    path("reports/fullness/fullness.csv", report_fullness.report_fullness_csv, name="report_fullness_csv"),
    path("reports/income/", report_income.report_income, name="report_income"),
    path("reports/income/income.csv", report_income.report_income_csv, name="report_income_csv"),
    path("reports/ledger/", report_ledger.report_ledger, name="report_ledger"),
    path("reports/ledger/ledger.csv", report_ledger.report_ledger_csv, name="report_ledger_csv"),
    path("reports/payouts/", report_payouts.report_payouts, name="report_payouts"),
    path("reports/payouts/payouts.csv", report_payouts.report_payouts_csv, name="report_payouts_csv"),
    path("reports/payouts/<int:pk>/", report_payouts.report_payout, name="report_payout"),
    path("reports/payouts/<int:pk>/payout.csv", report_payouts.report_payout_csv, name="report_payout_csv"),
    path("reports/members/", report_members.report_members, name="report_members"),
    path("reports/members/members.csv", report_members.report_members_csv, name="report_members_csv"),
    path("reports/members/names/", report_members.report_member_names, name="report_member_names"),
    path("reports/uses/", report_uses.report_uses, name="report_uses"),
    path("reports/uses/uses.csv", report_uses.report_uses_csv, name="report_uses_csv"),
    path("schedule/", schedule.schedule, name="schedule"),
    path("schedule/new/", making.entry_create, name="entry_create"),
    path("schedule/<int:pk>/", attendees.entry, name="entry"),
    path("schedule/<int:pk>/attendees.csv", attendees.attendees_csv, name="attendees_csv"),
    path("schedule/<int:pk>/attendees/print/", attendees.attendees_print, name="attendees_print"),
    path("schedule/<int:pk>/attendance/", marking.attendance_mark, name="attendance_mark"),
    path("schedule/<int:pk>/attendance/rest/", marking.attendance_rest, name="attendance_rest"),
    path("schedule/<int:pk>/walk-in/", walk_ins.walk_in, name="walk_in"),
    path("schedule/<int:pk>/cancel-places/", attendees.seats_cancel, name="seats_cancel"),
    path("schedule/<int:pk>/book/", by_hand.entry_book, name="entry_book"),
    path("schedule/<int:pk>/edit/", entries_views.entry_edit, name="entry_edit"),
    path("schedule/<int:pk>/repeat/", making.entry_extend, name="entry_extend"),
    path("schedule/<int:pk>/dates/", dates.entry_dates, name="entry_dates"),
    path("schedule/<int:pk>/days/", retiming.entry_retime, name="entry_retime"),
    path("schedule/<int:pk>/skip/", dates.entry_skip, name="entry_skip"),
    path("schedule/<int:pk>/leaders/", changing.entry_leaders, name="entry_leaders"),
    path("schedule/<int:pk>/picture/", changing.entry_picture, name="entry_picture"),
    path("schedule/<int:pk>/cancel/", cancelling.entry_cancel, name="entry_cancel"),
    path("schedule/<int:pk>/waiting/", waiting.entry_waiting, name="entry_waiting"),
    path("schedule/<int:pk>/waiting/<int:waiting>/offer/", waiting.waiting_offer, name="waiting_offer"),
    path("schedule/<int:pk>/waiting/<int:waiting>/move-up/", waiting.waiting_move_up, name="waiting_move_up"),
    path("schedule/<int:pk>/waiting/<int:waiting>/remove/", waiting.waiting_remove, name="waiting_remove"),
    path("schedule/<int:pk>/tickets/", tickets.entry_tickets, name="entry_tickets"),
    path("schedule/<int:pk>/tickets/new/", tickets.ticket_create, name="ticket_create"),
    path("schedule/<int:pk>/tickets/copy/", tickets.tickets_copy, name="tickets_copy"),
    path("schedule/<int:pk>/tickets/<int:ticket>/move/", tickets.ticket_move, name="ticket_move"),
    path("schedule/<int:pk>/tickets/<int:ticket>/", tickets.ticket_edit, name="ticket_edit"),
    path("schedule/<int:pk>/tickets/<int:ticket>/remove/", tickets.ticket_remove, name="ticket_remove"),
]
