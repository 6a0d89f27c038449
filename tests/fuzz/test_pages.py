"""Odd values in every field of every form and every parameter of every page, as each kind of visitor: never a 500.

It finds pages by the site's addresses, forms in the pages' HTML, and parameters by noting what views ask for, so that
what is new is tried without anybody thinking of it. The same values each time; more of them, or others:

    FUZZ_COUNT=20 FUZZ_SEED=7 python3 dev.py test tests/fuzz
"""

import os
from collections.abc import Iterator
from typing import Any, Final

import pytest
from time_machine import travel

from bookwhen.sandbox.stripe import Sandbox
from tests.factories.schedule import NOW
from tests.fuzz.attempts import Attempts
from tests.fuzz.forms import PageForm, read_forms
from tests.fuzz.values import ALL, ALWAYS, PATHS, USUALLY, some, some_for
from tests.fuzz.world import GUEST, OWNER, PEOPLE, FuzzWorld, routes

pytestmark = pytest.mark.django_db

COUNT: Final = int(os.environ.get("FUZZ_COUNT", "1"))
"""How many values each field and parameter is given by each visitor."""
SEED: Final = os.environ.get("FUZZ_SEED", "1")
PARTS: Final = 16

LOGIN: Final = "/accounts/login/?next="
ROUTES: Final = sorted(set(routes()))
NOT_REACHED: Final[dict[str, str]] = {
    "mail/webhook/": "where no mail provider is named there is no such page (tests/accounts/test_email_webhook.py)",
    "media/pictures/<uuid:picture>/<int:size>.webp": "no file of it is kept (tests/tickets/pictures)",
    "media/logos/<uuid:logo>.png": "no file of it is kept (tests/accounts/test_branding.py)",
    "metrics": "it is for Prometheus, by its token (tests/installation/test_metrics.py)",
}
"""Addresses that nobody of `PEOPLE` finds anything at, and why."""


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> Attempts:
    return Attempts(monkeypatch)


@pytest.fixture
def world(db: None, stripe_here: Sandbox, settings: Any) -> Iterator[FuzzWorld]:
    settings.DEMO = True
    with travel(NOW):
        found = FuzzWorld()
        settings.KEEPERS = [found.studio.staff.user.email]
        yield found


@pytest.mark.parametrize("part", range(PARTS))
def test_no_form_and_no_parameter_of_a_page_ends_in_an_error_page(
    part: int, world: FuzzWorld, attempts: Attempts
) -> None:
    reached = set[str]()
    with attempts.watched():
        for route in ROUTES[part::PARTS]:
            reached.update(route for who in PEOPLE if fuzz_page(attempts, world, route, who))

    if attempts.failures:
        pytest.fail("\n".join(attempts.failures), pytrace=False)
    assert sorted(set(ROUTES[part::PARTS]) - reached) == sorted(NOT_REACHED.keys() & set(ROUTES[part::PARTS]))


@pytest.mark.parametrize("part", range(4))
def test_no_odd_address_ends_in_an_error_page(part: int, world: FuzzWorld, attempts: Attempts) -> None:
    with attempts.watched():
        for route in ROUTES[part::4]:
            for address in world.odd_addresses(route, PATHS):
                who = world.browsers[OWNER if route.startswith("dashboard/") else GUEST]
                attempts.get(who, address)
                attempts.post(who, address, {"key": "x"})

    if attempts.failures:
        pytest.fail("\n".join(attempts.failures), pytrace=False)


def fuzz_page(attempts: Attempts, world: FuzzWorld, route: str, who: str) -> bool:
    """Try a page as one visitor; whether there was anything."""
    client, address, seed = world.browsers[who], world.address(route), f"{SEED} {route} {who}"
    attempts.read.query.clear()
    attempts.read.form.clear()
    page = attempts.get(client, address, {"seat": world.studio.seat} if "cancel" in route else {})
    bare = attempts.post(client, address, {})
    if not (is_there(page) or is_there(bare)):
        return False
    for parameter in grown(attempts.read.query):
        for value in (*ALWAYS["query"], *some(ALL, COUNT, f"{seed} {parameter}")):
            attempts.get(client, address, {parameter: value})
    forms = read_forms(page.content.decode(), address) if is_html(page) else []
    known = {name for form in forms for name in form.fields if form.method == "post"}
    if bare.status_code != 405 and (names := sorted(attempts.read.form - known)):
        forms.append(PageForm(address, "post", {name: ["1"] for name in names}))
    for form in forms:
        if form.path.startswith("/"):
            fuzz_form(attempts, world, form, who)
    return True


def is_there(answer: Any) -> bool:
    """Whether an address has something for this visitor: neither nothing, nor only the way to log in."""
    return answer.status_code not in {404, 405} and not answer.headers.get("Location", "").startswith(LOGIN)


def is_html(answer: Any) -> bool:
    """Whether it is a page, which may have forms."""
    return not answer.streaming and answer.headers.get("Content-Type", "").startswith("text/html")


def fuzz_form(attempts: Attempts, world: FuzzWorld, form: PageForm, who: str) -> None:
    """Send a form as it is; then with each of its fields odd, and with all of them; once where it stands on many pages.

    The first visitor tries more than those after: the form is the same for them.
    """
    if (who, form.shape) in world.seen:
        return
    is_first = all((other, form.shape) not in world.seen for other in PEOPLE)
    world.seen.add((who, form.shape))
    client, seed = world.browsers[who], f"{SEED} {form.path.split('/')[-2:]} {who}"
    attempts.send(client, form.method, form.action, form.fields)
    for name in form.fields:
        kind = form.kinds.get(name, "hidden")
        for value in ALWAYS.get(kind, USUALLY) if is_first else ():
            attempts.send(client, form.method, form.action, {**form.switched_on, name: value})
        for value in some_for(kind, COUNT, f"{seed} {name}"):
            attempts.send(client, form.method, form.action, {**form.fields, name: value})
    for turn in range(COUNT):
        odd = {name: some(ALL, 2, f"{seed} {name} {turn}") for name in form.fields}
        attempts.send(client, form.method, form.action, odd)


def grown(names: set[str]) -> Iterator[str]:
    """Each name, those too that come up on the way: some parameters are read only beside others."""
    done = set[str]()
    while new := sorted(names - done):
        done.update(new)
        yield from new
