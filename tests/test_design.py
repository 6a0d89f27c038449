"""What forms say, and what the layouts and components promise to every page."""

import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils.timezone import is_aware
from django_cotton.compiler_regex import CottonCompiler
from pytest_django.asserts import assertHTMLEqual

from bookwhen.forms import Form, affix
from tests.sentences import EMAIL_LIKE


class EntryForm(Form):
    conditional = frozenset({"places"})

    title = forms.CharField(label="Entry title", max_length=5)
    owner = forms.EmailField(label="Email address")
    places = forms.IntegerField(label="How many places?", min_value=1, required=False)
    share = forms.IntegerField(label="Discount (%)", max_value=100)
    starts = forms.DateTimeField(label="Starts")
    kind = forms.ChoiceField(label="Type", choices=[("one", "Single"), ("many", "Course")])
    days = forms.MultipleChoiceField(label="Days", choices=[("mon", "Monday")], widget=forms.CheckboxSelectMultiple)
    rules = forms.BooleanField(label="I have read the rules")
    note = forms.CharField(label="Note", required=False)


HOOKS = {"when"}
"""Classes that mark a piece and need no style."""

WRONG = {
    "title": "Too long",
    "owner": "somebody",
    "places": "0",
    "share": "101",
    "starts": "soon",
    "kind": "none",
    "days": ["tue"],
    "rules": "on",
}


def rendered(source: str, **values: object) -> str:
    return Template(CottonCompiler().process(source)).render(Context(values))


def page(layout: str = "card.html", **values: object) -> str:
    return render_to_string(layout, values, RequestFactory().get("/"))


def test_an_empty_form_says_what_to_fill_in() -> None:
    assert EntryForm({}).errors == {
        "title": ["Enter the entry title"],
        "owner": ["Enter the email address"],
        "share": ["Enter the discount (%)"],
        "starts": ["Fill in “Starts”"],
        "kind": ["Choose one for “Type”"],
        "days": ["Choose at least one for “Days”"],
        "rules": ["Tick “I have read the rules” to continue"],
    }


def test_a_wrong_answer_is_told_what_would_be_right() -> None:
    assert EntryForm(WRONG).errors == {
        "title": ["Use at most 5 characters for “Entry title”: you’ve used 8"],
        "owner": [EMAIL_LIKE],
        "places": ["Enter 1 or more for “How many places?”"],
        "share": ["Enter 100 or less for “Discount (%)”"],
        "starts": ["Enter a date and a time like 2026-12-31 18:30 for “Starts”"],
        "kind": ["Choose one from the list for “Type”"],
        "days": ["Choose from the list for “Days”"],
    }


def test_a_percent_sign_in_a_label_is_shown_once() -> None:
    assert EntryForm(WRONG | {"share": "half"}).errors["share"] == ["Enter a whole number for “Discount (%)”"]


def test_a_question_is_to_be_answered() -> None:
    class Question(Form):
        places = forms.IntegerField(label="How many places?")

    assert Question({}).errors == {"places": ["Answer “How many places?”"]}


@pytest.mark.parametrize("label", ["How many", "What it shows", "Or duration in minutes"])
def test_a_label_that_is_no_noun_is_filled_in(label: str) -> None:
    class Clause(Form):
        clause = forms.CharField(label=label)

    assert Clause({}).errors == {"clause": [f"Fill in “{label}”"]}


def test_words_a_form_chose_itself_stay() -> None:
    class Own(Form):
        title = forms.CharField(error_messages={"required": "Name the class"})
        places = forms.IntegerField(error_messages={"invalid": "Count the places"})

    assert Own({"places": "x"}).errors == {"title": ["Name the class"], "places": ["Count the places"]}


def test_a_native_date_input_reads_what_it_shows() -> None:
    form = EntryForm({"starts": "2026-12-01T18:30"})
    assert 'type="datetime-local"' in str(form["starts"])
    assert 'value="2026-12-01T18:30"' in str(form["starts"])
    assert "starts" not in form.errors
    assert is_aware(form.cleaned_data["starts"])


def test_the_browser_leaves_checking_to_the_server() -> None:
    assert " required" not in EntryForm().render()


def test_only_what_is_never_needed_is_marked_optional() -> None:
    form = EntryForm()
    assert [field.name for field in form if "(optional)" in field.as_field_group()] == ["note"]


def test_a_unit_stands_beside_its_input() -> None:
    form = EntryForm()
    affix(form.fields["share"], after="%")
    assert '<span aria-hidden="true">%</span>' in form["share"].as_field_group()


def test_the_summary_leads_to_every_field_in_the_same_words() -> None:
    form = EntryForm(WRONG)
    form.add_error(None, "Choose another room: this one is taken")
    html = page(form=form)
    links = re.findall(r'<li><a href="#(\w+)">(.*?)</a></li>', html)
    assert links == [
        (ids, form.errors[name][0])
        for name, ids in [
            ("title", "id_title"),
            ("owner", "id_owner"),
            ("places", "id_places"),
            ("share", "id_share"),
            ("starts", "id_starts"),
            ("kind", "id_kind"),
            ("days", "id_days_0"),
        ]
    ]
    assert html.count("<li>Choose another room: this one is taken</li>") == 1
    assert all(f'id="{target}"' in form.render() for target, _ in links)
    assert 'class="error-summary" role="alert" tabindex="-1" autofocus' in html


@pytest.mark.parametrize("layout", ["card.html", "dashboard/base.html", "public/base.html"])
def test_the_title_tells_of_errors_first(layout: str) -> None:
    assert "<title>Error: " in page(layout, form=EntryForm({}))
    assert "<title>Error: " not in page(layout, form=EntryForm())


def test_a_short_success_is_a_toast_and_everything_else_a_banner() -> None:
    said = [
        Message(constants.SUCCESS, "Group created"),
        Message(constants.SUCCESS, "12 customers were added"),
        Message(constants.ERROR, "Not saved"),
    ]
    html = page(messages=said)
    toasts, banners = re.findall(r'class="toast">.*?</svg>\s*(.*?)</p>', html, re.DOTALL), html.count('class="banner"')
    assert (toasts, banners) == (["Group created"], 2)


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "405", "429", "500"])
def test_every_error_page_stands_alone_and_leads_on(name: str) -> None:
    html = render_to_string(f"{name}.html")
    assert html.count("<h1>") == 1
    assert html.count('<a class="button" href="/" data-variant="primary"') == 1


def test_what_people_typed_is_escaped_in_components() -> None:
    name = '<b>Ann</b> & "Bo\'s"'
    source = '<c-menu id="m" name="{{ name }}"></c-menu><c-facts.item :term="name">{{ name }}</c-facts.item>'
    html = rendered(source, name=name)
    assert "<b>Ann" not in html
    assert html.count("&lt;b&gt;Ann&lt;/b&gt; &amp; &quot;Bo&#x27;s&quot;") == 3


@pytest.mark.parametrize(
    ("used", "limit", "words"),
    [(3, 10, "3 of 10 used"), (10, 10, "10 of 10 used"), (0, 1, "0 of 1 used"), (4, None, "4 used · unlimited")],
)
def test_uses_are_told_in_words(used: int, limit: int | None, words: str) -> None:
    html = rendered('<c-uses :used="used" :limit="limit" />', used=used, limit=limit)
    assert " ".join(re.sub(r"<[^>]+>", " ", html).split()) == words


def test_cancel_has_the_focus_and_the_red_button_is_last() -> None:
    html = rendered('<c-confirm label="Remove customer" cancel="/back/"><li>She stays a customer.</li></c-confirm>')
    assertHTMLEqual(
        html[html.index('<div class="form-actions">') : html.index("</form>")].rsplit("</div>", 1)[0],
        """<div class="form-actions">
        <a class="button" href="/back/" data-variant="secondary" autofocus>Cancel</a>
        <button class="button" type="submit" data-variant="danger">Remove customer</button></div>""",
    )


TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if "letters" not in path.parts]
SOURCES = [path.read_text() for path in PAGES]
STYLES = "".join(path.read_text() for path in (settings.BASE_DIR / "static" / "css").glob("*.css"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_a_template_keeps_to_what_the_design_system_can_do(path: Path) -> None:
    source = path.read_text()
    # A colon passes a value: a comparison there would be dropped without a word.
    assert re.findall(r'\s:[\w-]+="[^"]* (?:==|!=|and|or|in) [^"]*"|\s:[\w-]+="not [^"]*"', source) == []
    # The Content Security Policy refuses these.
    scripts = r'<script(?![^>]* type="application/ld\+json"| src="{% static)[^>]*>'
    assert re.findall(rf'\sstyle="|\son\w+="|{scripts}', source) == []
    classes = {name for names in re.findall(r'class="([^"{]*)"', source) for name in names.split()}
    assert sorted(name for name in classes - HOOKS if not re.search(rf"\.{name}(?![\w-])", STYLES)) == []


def test_a_row_of_three_or_more_cells_can_be_read_on_a_narrow_screen() -> None:
    """Each cell carries its column's name, but those that are told by their place: a tick, when it is, the actions."""
    plain = re.compile(r"<td(?![^>]* data-label=)(?![^>]*(?:choose|when|actions))[^>]*>")
    assert [str(path) for path in PAGES if plain.search(path.read_text())] == []


def test_a_label_is_the_words_of_a_column() -> None:
    """Or a row would say one thing on a narrow screen and another on a wide one."""
    sources = {path: path.read_text() for path in PAGES}
    heads = set(re.findall(r'<th scope="col"[^>]*>({% translate "[^"]+" %})</th>', "".join(sources.values())))
    labels = set(re.findall(r' data-label="({% translate "[^"]+" %})"', "".join(sources.values())))
    assert labels - heads == set()


def test_a_list_stays_a_list() -> None:
    """Another role takes it from those who listen: what is said at once wraps the list."""
    wrong = re.compile(r'<(?:ul|ol|dl)\b[^>]*\srole="(?!list")')
    assert [str(path) for path in PAGES if wrong.search(path.read_text())] == []


def test_a_title_before_a_sentence_ends_as_one() -> None:
    """The title of a banner, and what it says, are read in one go."""
    titles = re.findall(r"<c-banner[^>]* title=\"{% translate '([^']+)' %}\"[^>]*>(?!<c-slot)", "".join(SOURCES))
    assert [title for title in titles if title[-1] not in ".:?!…"] == []
