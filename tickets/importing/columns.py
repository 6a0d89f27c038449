"""What the columns of a list of bookings hold, guessed from how other systems and people call them."""

from collections.abc import Mapping, Sequence
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.imports.tables.headings import column_called


class BookingColumn(TextChoices):
    """What a column of a list of bookings can hold."""

    REFERENCE = "reference", _("Booking reference")
    TITLE = "title", _("Event")
    STARTS = "starts", _("Event starts (date, or date and time)")
    TIME = "time", _("Start time, in a column of its own")
    TICKET = "ticket", _("Ticket")
    NAME = "name", _("Attendee’s name")
    FIRST = "first", _("Attendee’s first name")
    LAST = "last", _("Attendee’s last name")
    EMAIL = "email", _("Attendee’s email address")
    BOOKER = "booker", _("Name of who booked")
    BOOKER_EMAIL = "booker_email", _("Email address of who booked")
    STATUS = "status", _("Status (such as complete or cancelled)")


_TITLES: Final = {
    BookingColumn.REFERENCE: (
        "booking reference|reference|booking ref|ref|booking|booking id|booking number|booking no|order|order id|"
        "order number|order reference|confirmation|confirmation number|confirmation code|reservation|reservation id|"
        "buchungsnummer|buchung|buchungs nr|bestellnummer|numero de reservation|reference de reservation"
    ),
    BookingColumn.TITLE: (
        "event|event title|event name|title|class|class name|session|session name|entry|entry title|course|"
        "course name|activity|service|service name|appointment|kurs|kursname|veranstaltung|termin|titel|cours|"
        "evenement|seance|atelier"
    ),
    BookingColumn.STARTS: (
        "event starts|event start|starts|start|starts at|starts on|event starts at|date|event date|class date|"
        "session date|start date|booking date time|date and time|date time|when|datum|beginn|start datum|"
        "termin datum|date de debut|debut|date du cours|event start date"
    ),
    BookingColumn.TIME: (
        "time|start time|event time|class time|session time|event start time|uhrzeit|startzeit|zeit|heure|"
        "heure de debut"
    ),
    BookingColumn.TICKET: (
        "ticket|tickets|ticket type|ticket name|ticket title|pass|pass type|pricing option|price option|option|rate|"
        "tarif|type|billet|formule|karte"
    ),
    BookingColumn.NAME: (
        "attendee|attendee name|attendees|name|full name|participant|participant name|guest|guest name|student|"
        "student name|client|client name|member|member name|teilnehmer|teilnehmerin|teilnehmername|nom complet|"
        "nom du participant"
    ),
    BookingColumn.FIRST: "first|first name|firstname|attendee first name|given name|forename|vorname|prenom",
    BookingColumn.LAST: "last|last name|lastname|attendee last name|surname|family name|nachname|nom",
    BookingColumn.EMAIL: (
        "email|e mail|email address|attendee email|attendee email address|participant email|student email|"
        "client email|member email|mail|emailadresse|email adresse|e mail adresse|courriel|adresse email|adresse e mail"
    ),
    BookingColumn.BOOKER: (
        "customer|customer name|booked by|booker|booker name|booking name|contact|contact name|purchaser|"
        "purchaser name|buyer|lead booker|gebucht von|kunde|kundin|reserve par|client payeur"
    ),
    BookingColumn.BOOKER_EMAIL: (
        "customer email|customer email address|booker email|booked by email|booking email|contact email|"
        "purchaser email|buyer email|billing email|kunden email|email du client"
    ),
    BookingColumn.STATUS: (
        "status|booking status|attendance status|reservation status|booking state|state|zustand|buchungsstatus|statut|"
        "etat"
    ),
}

TITLES: Final[Mapping[str, BookingColumn]] = {
    title: column for column, titles in reversed(_TITLES.items()) for title in titles.split("|")
}
"""What columns are called (small letters and digits alone), and what they then hold."""


def guess_columns(names: Sequence[str], samples: Sequence[Sequence[str]]) -> list[str]:
    """What each column holds, by its name; empty: it is left out."""
    guessed: list[str] = []
    for name in names:
        column = column_called(name, TITLES)
        guessed.append(column.value if column is not None and column not in guessed else "")
    _without_halves(guessed)
    _time_alone(guessed)
    if not {BookingColumn.EMAIL, BookingColumn.BOOKER_EMAIL} & set(guessed):
        _guess_address(guessed, samples)
    return guessed


def _without_halves(guessed: list[str]) -> None:
    """A column *Name* beside one for surnames holds first names."""
    has = set(guessed)
    if BookingColumn.NAME in has and BookingColumn.LAST in has:
        wanted = "" if BookingColumn.FIRST in has else BookingColumn.FIRST.value
        guessed[guessed.index(BookingColumn.NAME)] = wanted


def _time_alone(guessed: list[str]) -> None:
    """A column *Start time* with no date beside it has both."""
    if BookingColumn.TIME in guessed and BookingColumn.STARTS not in guessed:
        guessed[guessed.index(BookingColumn.TIME)] = BookingColumn.STARTS.value


def _guess_address(guessed: list[str], samples: Sequence[Sequence[str]]) -> None:
    """Take a column whose values are addresses for that, whatever it is called."""
    for number, seen in enumerate(samples):
        if seen and all("@" in value for value in seen):
            guessed[number] = BookingColumn.EMAIL.value
            return
