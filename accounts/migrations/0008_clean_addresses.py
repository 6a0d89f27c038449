"""Addresses that hold what nobody sees, or another script's domain, in the form that `fold_email` keeps."""

from typing import Any
from urllib.parse import quote

from django.db import migrations

from bookwhen.email_address import find_fault, fold_email

PLAIN = r"^[!-~]+$"


def clean(apps: Any, _schema_editor: Any) -> None:
    """Clean each address in its place; where somebody else has the clean one, or none can be made, say so in it.

    Such a row keeps all it has. Its address becomes one that nobody can own (`.invalid`, RFC 2606), with what it was
    percent-encoded: no letter can reach it, and nobody can prove it.
    """
    for name, within in (("User", ()), ("Customer", ("account_id",))):
        model = apps.get_model("accounts", name)
        for row in model.objects.exclude(email__regex=PLAIN).order_by("pk"):
            address = fold_email(row.email)
            others = model.objects.filter(email=address, **{each: getattr(row, each) for each in within})
            if find_fault(address) or others.exists():
                address = f"{quote(row.email, safe='')[:200].lower()}.{row.pk}@unreadable.invalid"
            model.objects.filter(pk=row.pk).update(email=address)
    proofs = apps.get_model("account", "EmailAddress")
    for proof in proofs.objects.exclude(email__regex=PLAIN).select_related("user"):
        proofs.objects.filter(pk=proof.pk).update(email=proof.user.email)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_studios_and_confirmation"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(clean, migrations.RunPython.noop, elidable=True)]
