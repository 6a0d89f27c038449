"""What the history tells of messages."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.history.acting import current_actor
from accounts.history.recording import About, Change, count, record, record_changes
from accounts.models import AuditEntry, AuditObject, Deed, Mailing, Thing


def about_mailing(mailing: Mailing) -> About:
    """A message, as the history names it."""
    return About(Thing.MESSAGE, mailing.pk, mailing.subject)


def record_mailing(deed: Deed, mailing: Mailing, *, also: Iterable[About] = (), gets: int | None = None) -> None:
    """Tell what was done with a message, on the pages of all that it concerns."""
    changes = [] if gets is None else [count(_("Recipients"), gets)]
    about = about_mailing(mailing)
    record(deed, about, account=mailing.account_id, also=also, changes=changes, beside=mailing.audience_name)


def record_edited(was: Mailing, mailing: Mailing) -> None:
    """Tell how a draft changed."""
    changes = [
        Change(_("Subject"), was.subject, mailing.subject),
        Change(_("What it’s about"), was.get_kind_display(), mailing.get_kind_display()),
        Change(_("To"), was.audience_name, mailing.audience_name),
        Change(_("Message"), was.text, mailing.text),
    ]
    record_changes(Deed.MESSAGE_CHANGED, about_mailing(mailing), changes, account=mailing.account_id)


def last_change(mailing: Mailing) -> AuditEntry | None:
    """The line of the history that tells how a message was changed last; None where it never was, or that is gone."""
    lines = AuditObject.objects.filter(account=mailing.account_id, kind=Thing.MESSAGE, object_id=mailing.pk)
    changes = lines.filter(entry__action=Deed.MESSAGE_CHANGED).order_by("-entry").select_related("entry")
    found = changes.first()
    return found.entry if found else None


def is_changed_by_another(mailing: Mailing) -> bool:
    """Whether a message was changed last by somebody else than who acts now."""
    found, actor = last_change(mailing), current_actor()
    return found is not None and actor is not None and actor.user is not None and found.actor_id != actor.user.pk
