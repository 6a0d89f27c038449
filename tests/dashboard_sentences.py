"""What dashboard pages say in the words of more than one test: each sentence stands here once."""

from typing import Final

# Plans
NEEDS_STANDARD: Final = "This needs the Standard plan"
GROUPS_NEED_STANDARD: Final = "Customer groups need the Standard plan."
MEMBERSHIPS_NEED_STANDARD: Final = "Memberships need the Standard plan."

# Customer groups and offers
NOT_AN_ADDRESS: Final = "doesn’t look like an email address, such as name@example.org"
HAS_LOGGED_IN: Final = "Has logged in"
HAS_NOT_LOGGED_IN: Final = "Hasn’t logged in yet"
THEY_HAVE_NOT_LOGGED_IN: Final = "They haven’t logged in yet."
BY_MEMBERSHIP: Final = "Through a membership Gold"
BY_MEMBERSHIP_AND_MANUALLY: Final = "Through a membership Gold and added manually"
KEPT_BY_MEMBERSHIP: Final = "They stay in the group through a membership."
KEPT_BY_ANOTHER_MEMBERSHIP: Final = "They stay in the group through another membership."
KEPT_MANUALLY: Final = "You also added them to the group manually, so they stay in it."
CREATE_EXCLUSIVE_OFFER: Final = "Create an exclusive ticket offer"
CREATE_DISCOUNT_OFFER: Final = "Create a discount offer"
COVERS_NOTHING: Final = "It doesn’t include any tickets yet."
ALL_ON_PAGE: Final = "Each member can book all exclusive tickets on"
OFFER_USED: Final = "This offer has been used."
NO_ZERO_USES: Final = (
    "Enter 1 or more. For no limit, untick “Restrict number of uses”; to stop the offer, disable or delete it."
)
USAGE_PERIOD_LENGTH: Final = "Enter the length of the usage period as a whole number from 1 to 1,000"
PERIOD_UNIT: Final = "Choose days, weeks, months or years"

# Memberships
CONNECT_STRIPE_FIRST: Final = "Connect Stripe first."
NO_CUSTOMER_MEMBERSHIPS: Final = "No customer memberships yet"
BILLING_PERIOD_LENGTH: Final = "Enter the length of the billing period as a whole number, 1 or more"
ENDS_IMMEDIATELY: Final = "The membership ends immediately, and they’re removed from the group."
GOLD_HAS_ENDED: Final = "“Gold” has ended for Ada, and they’re no longer in the group."
GOLD_CONTINUES: Final = "“Gold” continues for Ada and renews as usual."
CANNOT_BOOK_UNTIL_PAID: Final = "They can’t book until they’ve paid, but their existing bookings are kept."

# Stripe
STRIPE_NEEDS_ATTENTION: Final = "Your Stripe connection needs attention."
NOT_A_SECRET_KEY: Final = (
    "A secret key starts with sk_test_, sk_live_, rk_test_ or rk_live_. Copy the whole key from Stripe."
)
PUBLISHABLE_KEY: Final = "This is a publishable key. Copy the secret key, which starts with sk_ (or rk_)."
EVENT_WAITS: Final = "This event is already waiting to be processed."

# Entries and bookings
CHOOSE_TODAY_OR_LATER: Final = "Choose today or a later date"
CHOOSE_WITHIN_TEN_YEARS: Final = "Choose a date within the next ten years"
CHOOSE_END_AFTER_START: Final = "Choose an end time after the start. If it ends on another day, fill in “Last day”."
ENTRY_CANCELLED: Final = "This entry is cancelled."
CANCELLED_ENTRY_STAYS: Final = "You can’t change a cancelled entry"
EMAIL_BOTH: Final = "We email all 2 people who booked."
USE_RETURNED: Final = "1 use is returned to the member, even after the cut-off."
IN_A_BASKET: Final = "In a basket until 12:15"
PAYMENT_IN_PROGRESS: Final = "Payment in progress"
TWO_SPACES_BOOKED: Final = "2 spaces booked"
TWO_SPACES_CANCELLED: Final = "2 spaces cancelled"

# Payments and refunds
PAYMENT_AT_CHECKOUT: Final = "1 payment is at checkout or being refunded."
REFUND_THE_PAYMENT: Final = "Refund the payment?"
REFUND_AT_MOST_24: Final = "Enter £24.00 or less. That’s all that’s left to refund."
FIVE_POUNDS_REFUNDED: Final = "£5.00 is being refunded to the card or account."
MARK_AS_SETTLED: Final = "Mark as settled"
MARKED_AS_SETTLED: Final = "Marked as settled. We won’t send this refund to Stripe again."
DEALT_WITH: Final = "Someone has already dealt with this."

# Amounts of money
AMOUNT_LIKE: Final = "Enter an amount like 12.50"
TWO_DECIMALS: Final = "Use at most 2 digits after the decimal point"
THREE_DECIMALS: Final = "Use at most 3 digits after the decimal point"
NO_SMALLER_UNIT: Final = "Enter a whole number: JPY has no smaller unit"
STEPS_OF_TEN: Final = "Enter 1.230 instead: KWD is charged in steps of 0.010"
MOST_THAT_STRIPE_TAKES: Final = "Enter £999,999.99 or less: that’s the most Stripe can take at once"
