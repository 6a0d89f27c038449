"""How each mechanism of the fast path is taken out for a while, and what it is measured by."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from typing import Any
from unittest.mock import patch

from django.db.backends.postgresql.base import Cursor
from django.http import HttpRequest, HttpResponse
from django.template.library import SimpleNode
from django.utils.safestring import SafeString

from accounts import access, backends
from bench import plain
from bench.acts import Acts
from bench.fastpath import Comparison
from bookwhen import forms, icons, money
from bookwhen.fastpath import prepared
from bookwhen.fastpath.compiled import CompiledQuery
from bookwhen.fastpath.kept_answers import Drawn, KeptAnswers
from bookwhen.fastpath.outlines import Outlines
from bookwhen.fastpath.row_templates import RowTemplate
from bookwhen.payments import webhooks
from tickets import calendar
from tickets.availability import facts
from tickets.public.order import forms as order_forms
from tickets.public.schedule import lines, metadata, page, programme, views

Plainly = Callable[[], AbstractContextManager[Any]]


def comparisons(acts: Acts) -> Iterator[Comparison]:
    """Every mechanism with the pages and bookings that it is for."""
    pages = (("schedule page", acts.schedule), ("schedule page, member", acts.schedule_of_member))
    bookings = (("guest’s booking", acts.guest_books), ("member’s booking", acts.member_books))
    for mechanism, plainly in (("compiled queries", without_compiling), ("prepared statements", without_preparing)):
        for what, act in (*pages, *bookings):
            yield Comparison(mechanism, what, act, plainly, acts.member_is_free)
    yield Comparison("prepared statements", "Stripe event stored", acts.deliver, without_preparing, acts.new_event)
    for what, act in (("entry page, member", acts.entry_page), *bookings):
        yield Comparison("rows: the facts", what, act, without_one_statement, acts.member_is_free)
    for what, act in (pages[1], ("entry page, member", acts.entry_page), bookings[1]):
        yield Comparison("rows: user and customers", what, act, without_known_customers, acts.member_is_free)
    for what, act in (("entry page, member", acts.entry_page), ("review of two tickets", acts.review), *bookings):
        yield Comparison("outlines", what, act, without_outlines, acts.member_is_free)
    yield Comparison("known: endpoints", "Stripe event stored", acts.deliver, without_endpoints, acts.new_event)
    yield Comparison("kept values, with holes", *pages[1], without_values)
    for what, act in (pages[0], ("calendar feed", acts.feed)):
        yield Comparison("kept answers", what, act, without_answers)
    yield from _html(acts, bookings)


def _html(acts: Acts, bookings: tuple[tuple[str, Callable[[], None]], ...]) -> Iterator[Comparison]:
    changed = "schedule page after a change"
    for name, kept in (("lines", lines._LINES), ("days", lines._DAYS)):  # noqa: SLF001 - to be taken out
        yield Comparison(f"kept HTML: {name}", changed, acts.schedule, _unkept(kept), acts.somebody_booked)
    yield Comparison("paths of entries", changed, acts.schedule, without_paths, acts.somebody_booked)
    for what, act in (("review of two tickets", acts.review), *bookings):
        kept = order_forms._FORMS  # noqa: SLF001
        yield Comparison("kept HTML: forms", what, act, _unkept(kept), acts.member_is_free)
    forms_ = (("entry form", acts.entry_form), ("review of two tickets", acts.review))
    for what, act in (*forms_, *bookings):
        yield Comparison("a form’s error messages", what, act, without_words, acts.member_is_free)
    for what, act in (("group page", acts.group_page), *forms_):
        yield Comparison("icons", what, act, without_icons)
    yield Comparison("row templates", "group page", acts.group_page, without_row_templates)
    yield Comparison("amounts of money", changed, acts.schedule, without_amounts, acts.somebody_booked)
    yield Comparison("clocks of a time zone", "calendar feed", acts.feed, without_clocks)
    yield Comparison("clocks of a time zone", "guest’s booking", acts.guest_books, without_clocks)


@contextmanager
def without_compiling() -> Iterator[None]:
    """Every compiled query is read by its queryset."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(CompiledQuery, "rows", plain.rows))
        stack.enter_context(patch.object(CompiledQuery, "__call__", plain.models))
        yield


def without_preparing() -> AbstractContextManager[Any]:
    """Every statement is planned for each run."""
    return patch.object(prepared, "CURSOR", Cursor)


def without_one_statement() -> AbstractContextManager[Any]:
    """What the rule reads is read by querysets."""
    return patch.object(facts, "read_fact_rows", plain.fact_rows)


@contextmanager
def without_known_customers() -> Iterator[None]:
    """A user comes without their customers, who are asked for."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(backends.Backend, "get_user", lambda _, pk: plain.user(pk)))
        stack.enter_context(patch.object(access, "linked_customer", plain.linked_customer))
        yield


def without_outlines() -> AbstractContextManager[Any]:
    """Every page is drawn by its template, of what it is told."""
    return patch.object(Outlines, "render", Outlines.draw)


def without_endpoints() -> AbstractContextManager[Any]:
    """An endpoint is read for each event."""
    return patch.object(webhooks._ENDPOINTS, "get", lambda _: None)  # noqa: SLF001 - to be taken out


def without_values() -> AbstractContextManager[Any]:
    """What a page shows is read, and its frame drawn, for each visitor."""

    def plainly(request: HttpRequest, slug: str, *, now: datetime) -> HttpResponse:
        return page.draw_page(request, slug, now=now).response

    return patch.object(views, "page_for_one", plainly)


@contextmanager
def without_answers() -> Iterator[None]:
    """Every answer is drawn for each visitor, and its fingerprint is not asked for."""

    def drawn(_: KeptAnswers, _request: object, _key: object, draw: Callable[[], Drawn], **_now: object) -> Any:  # noqa: ANN401
        return draw().response

    with patch.object(KeptAnswers, "answer", drawn):
        yield


def without_programmes() -> AbstractContextManager[Any]:
    """A page of the schedule is worked out for each visitor; its lines and days are kept."""
    return patch.object(programme._PROGRAMMES, "get", lambda _: None)  # noqa: SLF001


def without_paths() -> AbstractContextManager[Any]:
    """The address of an entry's page is worked out each time."""
    return patch.object(metadata, "_entry_path", metadata._entry_path.__wrapped__)  # noqa: SLF001


def without_words() -> AbstractContextManager[Any]:
    """A form's error messages are worked out for each form."""
    return patch.object(forms, "_words_of", forms._words_of.__wrapped__)  # noqa: SLF001


def without_icons() -> AbstractContextManager[Any]:
    """Every icon is drawn each time that it is shown."""
    resolved = SimpleNode.get_resolved_arguments

    def forgetful(node: Any, context: Any) -> Any:  # noqa: ANN401 - Django's own
        icons.lucide.cache_clear()
        return resolved(node, context)

    return patch.object(SimpleNode, "get_resolved_arguments", forgetful)


def without_row_templates() -> AbstractContextManager[Any]:
    """Every row of a table is drawn by its template."""

    def plainly(row: RowTemplate, texts: Mapping[str, object], **shape: object) -> SafeString:
        return SafeString(row.outlines.draw({**texts, **shape}))

    return patch.object(RowTemplate, "draw", plainly)


@contextmanager
def without_amounts() -> Iterator[None]:
    """No amount was told before."""
    money.money.cache_clear()
    yield


def without_clocks() -> AbstractContextManager[Any]:
    """How the clocks change is worked out for each calendar file."""
    plainly = calendar._time_zone_component.__wrapped__  # noqa: SLF001
    return patch.object(calendar, "_time_zone_component", plainly)


def _unkept(kept: object) -> Plainly:
    return lambda: patch.object(kept, "get", lambda _, draw: draw())
