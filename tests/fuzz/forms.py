"""The forms of a page, as a browser finds them in its HTML."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin

USUAL: Final = {
    "email": "ada@example.org", "number": "1", "decimal": "12.50", "date": "2030-02-01", "time": "10:00",
    "url": "https://example.org", "password": "three wet otters",
}  # fmt: skip
"""What fits a field that is empty, by its type."""


@dataclass
class PageForm:
    """A form: where it is sent, how, and its fields with what a browser would send; `kinds` by HTML type."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)
    """The values of radio buttons and checkboxes, whether or not they are chosen."""

    @property
    def path(self) -> str:
        return self.action.partition("?")[0].partition("#")[0]

    @property
    def switched_on(self) -> dict[str, list[str]]:
        """The fields with the last of all radio buttons chosen and every box ticked: what lets most others matter."""
        ticked = {name: values[-1:] if self.kinds[name] == "radio" else values for name, values in self.options.items()}
        return {**self.fields, **ticked}

    @property
    def shape(self) -> tuple[str, str, frozenset[str]]:
        """What makes it the same form as another."""
        return self.method, self.path, frozenset(self.fields)


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address, self.forms = address, list[PageForm]()
        self.form: PageForm | None = None
        self.area, self.select = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            where = urljoin(self.address, given.get("action", "") or self.address)
            self.form = PageForm(where, given.get("method", "get").lower())
            self.forms.append(self.form)
        elif tag == "input":
            self._input(given)
        elif tag in {"textarea", "select"} and given.get("name"):
            self._put(given["name"], tag)
            self.area, self.select = (given["name"], "") if tag == "textarea" else ("", given["name"])
        elif tag == "option" and self.select:
            self._option(given)
        elif tag == "button" and given.get("name"):
            self._put(given["name"], "hidden", given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "textarea":
            self.area = ""
        elif tag == "select":
            self.select = ""

    def handle_data(self, data: str) -> None:
        if self.area and self.form:
            self.form.fields[self.area] = [data.strip("\n")]

    def _put(self, name: str, kind: str, value: str | None = None) -> None:
        if self.form is not None:
            self.form.kinds.setdefault(name, kind)
            values = self.form.fields.setdefault(name, [])
            if value is not None and not values:
                values.append(value)

    def _input(self, given: dict[str, str]) -> None:
        kind, name = given.get("type", "text"), given.get("name", "")
        if not name or kind == "submit":
            return
        kind = "decimal" if given.get("inputmode") == "decimal" else kind
        if kind in {"radio", "checkbox"}:
            self._put(name, kind)
            if self.form:
                self.form.options.setdefault(name, []).append(given.get("value", "on"))
                if "checked" in given:
                    self.form.fields[name].append(given.get("value", "on"))
            return
        self._put(name, kind, given.get("value", ""))

    def _option(self, given: dict[str, str]) -> None:
        assert self.form is not None
        if "selected" in given or not self.form.fields[self.select]:
            self.form.fields[self.select] = [given.get("value", "")]


def read_forms(html: str, address: str) -> list[PageForm]:
    """Every form of a page that came from this address, filled in as far as it was, and with what fits where not."""
    reader = _Reader(address)
    reader.feed(html)
    for form in reader.forms:
        form.fields.pop("csrfmiddlewaretoken", None)
        for name, values in form.fields.items():
            # A list in which nothing is chosen says so itself.
            if values in ([], [""]) and (form.kinds[name] != "select" or not values):
                form.fields[name] = form.options.get(name, [USUAL.get(form.kinds[name], "Ada")])[:1]
    return reader.forms
