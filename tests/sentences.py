"""Sentences that customers read and several tests assert: each stands here once. What one test asserts stays there."""

from typing import Final

# The basket and the checkout
ALREADY_BOOKED: Final = "You’ve already booked this. Here’s your booking."
BOOKED_AND_EMAILED: Final = "Booked. We’ve emailed your confirmation to"
BASKET_AT_CHECKOUT: Final = "Your basket is at the checkout. Complete payment, or reopen your basket, then add"
BASKET_EXPIRED: Final = "Your basket has expired"
CHECK_DETAILS: Final = "Something has changed. Check the details below, then confirm again."
HELD_UNTIL_PAID: Final = "Your basket is held for 15 minutes. You pay in the next step."
MEMBERSHIP_NOT_ON_SALE: Final = "This membership is no longer on sale. You haven’t been charged."
SORRY_UNAVAILABLE: Final = "Sorry, what you paid for at River Studio is no longer available"
STRIPE_IS_DOWN: Final = (
    "We can’t reach Stripe, which handles payments, at the moment. Nothing has been changed or charged. "
    "Try again in a minute."
)
STRIPE_REFUSES: Final = "Stripe doesn’t allow this at the moment. Nothing has been changed or charged. Contact"
UNAVAILABLE_WHEN_PAID: Final = "We’re sorry, this was no longer available when your payment arrived."

# Why a ticket can't be booked
ALREADY_AT_EVENT: Final = "You already have a space at this event."
LOG_IN_TO_BOOK: Final = "Only members can book this ticket. Log in to continue."
MEMBERS_ONLY: Final = "Only members can book this ticket."
NOT_INCLUDED: Final = "Your membership doesn’t include this ticket."

# Cancelling and refunds
BACK_IN_ALLOWANCE: Final = "the ticket is back in your allowance"
BANKS_TAKE_DAYS: Final = "Banks can take up to 10 days."
ON_ITS_WAY: Final = "is on its way to your card or account."
HAS_CANCELLED: Final = "has cancelled this event."
NOT_BACK_IN_ALLOWANCE: Final = "cancelled after the cut-off, so the ticket isn’t returned to your allowance"
TICKET_RETURNED: Final = "The ticket will be returned to your allowance straight away."
WE_WILL_EMAIL: Final = "We’ll email you to confirm."

# Emails
ADD_DATE: Final = "Open the attached file to add the date to your calendar."
SHOW_CODE: Final = "When you arrive, you can show the check-in code on your booking page."
CODE: Final = "Show check-in code Show this when you arrive. Only the studio’s team can use it."
REMOVE_DATE: Final = "Open the attached file to remove the date from your calendar."
UPDATE_DATE: Final = "Open the attached file to update the date in your calendar."

# Memberships
BOOKINGS_KEPT_UNTIL_PAID: Final = "Your bookings are kept, but you can’t make new ones until you’ve paid."
CARD_TRIED_AGAIN: Final = "You can still book while we try your card again."
CHANGED_YOUR_MIND: Final = "If you change your mind before then, choose “Keep membership”."
CONFIRM_ADDRESS_FIRST: Final = "Confirm your email address first."
HAS_MEMBERSHIP: Final = "You already have this membership."
NOT_CHARGED_AGAIN: Final = "You won’t be charged again."
NOTHING_TO_PAY: Final = "There’s nothing to pay at the moment."
PRICE_GONE: Final = "Choose a price: that one is no longer available"
THREE_A_MONTH: Final = "3 tickets a month, for you only."
WELCOME: Final = "Welcome, you’re now a member"

# Forms and lists
EMAIL_LIKE: Final = "Enter an email address like name@example.com"
FIRST_BOOKING: Final = "Choose an event on your studio’s page. Your booking will then appear here."
