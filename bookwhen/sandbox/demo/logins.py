"""The demo's logins, as the login page and `dev.py run` name them."""

from typing import Final

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import check_password, make_password

from accounts.customers import link_proved_customers
from accounts.models import Account, Customer, Role, Staff, User
from tickets.models import Leader

PASSWORD: Final = "demo-only"  # noqa: S105 - printed for everybody who runs the demo
OWNER: Final = "owner@demo.example"
MEMBER: Final = "member@demo.example"
STRANGER: Final = "stranger@demo.example"
TEACHER: Final = "teacher@demo.example"
"""Who leads classes, and sees her own first."""
SCHEDULER: Final = "sian@demo.example"
"""Who looks after the schedule."""
DESK: Final = "jonas@demo.example"
"""Who looks after bookings."""
NAMES: Final = {
    OWNER: "Rosalind Achebe",
    TEACHER: "Amara Okafor",
    MEMBER: "Mira Solberg",
    STRANGER: "Theo Lindqvist",
}


def restore_logins() -> User:
    """Let everybody who is named log in again, whatever was done to them; returns the owner.

    Their passwords and proofs are as announced afterwards; nothing else about them changes.
    """
    users = [User.objects.get_or_create(email=email, defaults={"name": name})[0] for email, name in NAMES.items()]
    # One check serves all as long as nobody changed theirs: each takes a good part of a second.
    good = {encoded for encoded in {user.password for user in users} if encoded and check_password(PASSWORD, encoded)}
    encoded = next(iter(good), None) or make_password(PASSWORD)
    for user in users:
        if user.password not in good or not user.is_active:
            user.password, user.is_active = encoded, True
            user.save(update_fields=["password", "is_active"])
        EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
        link_proved_customers(user)
    return users[0]


def give_login(customer: Customer) -> None:
    """Have a customer a login of their own, with which nobody logs in: what only members may have is theirs by it."""
    if customer.user_id:
        return
    user, _made = User.objects.get_or_create(email=customer.email, defaults={"name": customer.name, "password": "!"})
    EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    link_proved_customers(user)
    customer.refresh_from_db(fields=["user"])


def restore_team(account: Account, owner: User) -> None:
    """Put the owner and the teacher back on the team if somebody took them off it, and her where she leads."""
    Staff.objects.get_or_create(account=account, user=owner, defaults={"role": Role.OWNER})
    teacher = User.objects.get(email=TEACHER)
    staff, was_off = Staff.objects.get_or_create(account=account, user=teacher, defaults={"role": Role.LEADER})
    if was_off:
        Leader.objects.filter(account=account, name=NAMES[TEACHER]).update(staff=staff)
