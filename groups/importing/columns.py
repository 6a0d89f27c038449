"""What the columns of a list of people hold, guessed from how other systems and people call them."""

from collections.abc import Mapping, Sequence
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.imports.tables.headings import column_called, title_of


class PersonColumn(TextChoices):
    """What a column of a list of people can hold."""

    NAME = "name", _("Name")
    FIRST = "first", _("First name")
    LAST = "last", _("Last name")
    EMAIL = "email", _("Email address")
    CLIENT = "client", _("Name, email and phone in one cell")
    GROUP = "group", _("Customer group")
    SINCE = "since", _("Start date")
    UNTIL = "until", _("Last day in the group")
    STATUS = "status", _("Status (such as active or cancelled)")
    PHONE = "phone", _("Phone")
    NOTE = "note", _("Note")
    NEWS = "news", _("Wants news (yes or no)")
    NEWS_SINCE = "news_since", _("Wants news since (date)")


_TITLES: Final = {
    PersonColumn.NAME: (
        "name|names|full name|fullname|customer|customer name|client name|member|member name|contact|contact name|"
        "student|student name|attendee|attendee name|display name|person|participant|teilnehmer|teilnehmerin|kunde|"
        "kundin|mitglied|nom complet|nom et prenom|prenom et nom|participante|adherent|"
        "vor und nachname|vollstandiger name"
    ),
    PersonColumn.FIRST: (
        "first|first name|firstname|given name|given names|givenname|forename|forenames|christian name|fname|vorname|"
        "vornamen|rufname|prenom|prenoms|customer first name|client first name"
    ),
    PersonColumn.LAST: (
        "last|last name|lastname|surname|surnames|family name|familyname|second name|lname|nachname|familienname|"
        "zuname|nom|nom de famille|customer last name|client last name"
    ),
    PersonColumn.EMAIL: (
        "email|emails|e mail|e mails|mail|email address|email addresses|e mail address|e mail adresse|emailadresse|"
        "email adresse|emailaddress|mailadresse|mail adresse|primary email|contact email|customer email|client email|"
        "member email|courriel|adresse email|adresse e mail|adresse mail|adresse electronique|mel"
    ),
    PersonColumn.CLIENT: "client|client info|client details",
    PersonColumn.GROUP: (
        "group|groups|customer group|customer groups|membership|memberships|membership name|membership type|plan|"
        "membership plan|pass|passes|tag|tags|gruppe|gruppen|mitgliedschaft|tarif|abo|abonnement|groupe|groupes|"
        "formule|forfait|adhesion|package|pricing option|current membership|active membership|active memberships"
    ),
    PersonColumn.SINCE: (
        "since|start|start date|started|started on|member since|joined|joined on|join date|date joined|"
        "membership start|membership start date|client since|seit|mitglied seit|beginn|startdatum|eintritt|"
        "eintrittsdatum|depuis|date de debut|debut|date d adhesion|membre depuis|activation date"
    ),
    PersonColumn.UNTIL: (
        "until|paid until|end|end date|ends|ends on|expires|expiry|expiry date|expires on|expiration|expiration date|"
        "in the group until|valid until|valid to|membership end|membership end date|bis|bezahlt bis|gultig bis|ende|"
        "membership expiry date|membership expiry|membership expires|membership expiration date|pass expiry|"
        "pass expiry date|pass expires|plan end date|plan expiry|plan expiry date|contract end|contract end date|"
        "subscription end|subscription end date|"
        "enddatum|ablauf|ablaufdatum|jusqu au|paye jusqu au|valable jusqu au|date de fin|fin|echeance|date d echeance"
    ),
    PersonColumn.STATUS: (
        "status|membership status|membership state|member status|client status|customer status|account status|"
        "pass status|subscription status|contract status|mitgliedsstatus|kundenstatus|vertragsstatus|zustand|statut|"
        "etat|statut du membre|statut de l adhesion"
    ),
    PersonColumn.PHONE: (
        "phone|phones|phone number|telephone|telephone number|tel|tel no|tel nr|mobile|mobile phone|mobile number|cell|"
        "cell phone|cellphone|contact number|primary phone|home phone|telefon|telefonnummer|telefonnr|handy|"
        "work phone|day phone|evening phone|cell number|mobile no|mob|phone no|phone 1 value|phone 2 value|whatsapp|"
        "handynummer|mobil|mobiltelefon|mobilnummer|rufnummer|portable|telephone portable|numero de telephone"
    ),
    PersonColumn.NOTE: (
        "note|notes|comment|comments|remark|remarks|notiz|notizen|bemerkung|bemerkungen|kommentar|anmerkung|"
        "anmerkungen|remarque|remarques|commentaire|commentaires|medical|medical notes|injuries"
    ),
    PersonColumn.NEWS: (
        "marketing|marketing consent|marketing opt in|marketing emails|newsletter|newsletters|news|mailing list|"
        "wants news|consent|subscribed|email marketing|opt in|opted in|email opt in|werbung|einwilligung|"
        "lettre d information|infolettre|accord marketing|promotional emails"
    ),
    PersonColumn.NEWS_SINCE: (
        "wants news since|consent date|marketing consent date|opted in on|opt in date|newsletter since|"
        "einwilligung am|date d accord"
    ),
}

TITLES: Final[Mapping[str, PersonColumn]] = {
    title: column for column, titles in _TITLES.items() for title in titles.split("|")
}
"""What columns are called (small letters and digits alone), and what they then hold."""
_MOST: Final = 0.5
_OURS: Final = "in the group since"
_REPEATED: Final = frozenset({PersonColumn.GROUP, PersonColumn.NOTE, PersonColumn.PHONE})
"""Several columns can hold these."""


def guess_columns(names: Sequence[str], samples: Sequence[Sequence[str]]) -> list[str]:
    """What each column holds, by its name, or where nothing is called so by what is in it; empty: it is left out."""
    guessed: list[str] = []
    titles = [title_of(name) for name in names]
    # In our own file of a group's members, what they have bought stands beside the group: it is none itself.
    is_ours = _OURS in titles
    for name, title in zip(names, titles, strict=True):
        column = None if is_ours and title == "memberships" else column_called(name, TITLES)
        is_free = column is not None and (column in _REPEATED or column not in guessed)
        guessed.append(column.value if column is not None and is_free else "")
    if not {PersonColumn.EMAIL, PersonColumn.CLIENT} & set(guessed):
        _guess_address(guessed, samples)
    _without_halves(guessed)
    return guessed


def _guess_address(guessed: list[str], samples: Sequence[Sequence[str]]) -> None:
    """Take the column whose values are addresses for that, most of them at least, whatever it is called."""
    shares = [sum("@" in value for value in seen) / max(len(seen), 1) for seen in samples]
    if max(shares, default=0) > _MOST:
        number = shares.index(max(shares))
        several = any("\n" in value for value in samples[number])
        guessed[number] = PersonColumn.CLIENT if several else PersonColumn.EMAIL


def _without_halves(guessed: list[str]) -> None:
    """A column *Name* beside one for surnames holds first names; *Nom* without *Prénom* is the whole name."""
    has = set(guessed)
    if PersonColumn.NAME in has and PersonColumn.LAST in has and PersonColumn.FIRST not in has:
        guessed[guessed.index(PersonColumn.NAME)] = PersonColumn.FIRST.value
    elif PersonColumn.LAST in has and not {PersonColumn.FIRST, PersonColumn.NAME} & has:
        guessed[guessed.index(PersonColumn.LAST)] = PersonColumn.NAME.value
    elif PersonColumn.NAME in has and {PersonColumn.FIRST, PersonColumn.LAST} <= has:
        guessed[guessed.index(PersonColumn.NAME)] = ""


def guess_day_order(days: Sequence[Mapping[str, int]], *, american: bool) -> str:
    """In which order days and months stand: as most dates that can only be read one way; else as the country has it."""
    only_day_first = sum(each.get("dmy", 0) for each in days)
    only_month_first = sum(each.get("mdy", 0) for each in days)
    if only_day_first == only_month_first:
        return "mdy" if american else "dmy"
    return "dmy" if only_day_first > only_month_first else "mdy"
