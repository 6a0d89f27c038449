"""`manage.py adopt_site`: ends the quiet of a copy, once the keeper has said which of the two sites is real."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from bookwhen.installation.adoption import (
    Adoption,
    Letters,
    NotACopyError,
    Story,
    Waiting,
    adopt,
    waiting_in_copy,
)
from bookwhen.installation.copies import Copy, find_copy

STORIES: Final = {
    Story.MOVED: (
        "The site has moved here, or was restored here, and {site} is gone for good. Everything goes on here: Stripe "
        "calls this site instead of that one, and unfinished refunds and checkouts are completed. Stop the other site "
        "first, if it still runs."
    ),
    Story.SEPARATE: (
        "{site} goes on, and this copy becomes a separate site, such as staging. It disconnects every Stripe account "
        "without telling Stripe, reopens baskets that are at the checkout, and leaves unfinished refunds to {site}. "
        "Memberships stay as they are. Studios can connect Stripe again; use test keys."
    ),
}
LETTERS: Final = {
    Letters.SEND: "Send the emails that are waiting.",
    Letters.DROP: "Delete them: nobody gets them.",
}
GIVE: Final = "Nobody can be asked here, so choose: --moved or --separate, --letters send or --letters drop, and --yes."


class Command(BaseCommand):
    """Shows what waits, asks what is not given, and gives the database to this site."""

    help = "Make the database belong to this site, so that a quiet copy uses email and Stripe again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the answers in advance, for a script."""
        which = parser.add_mutually_exclusive_group()
        for story in Story:
            which.add_argument(
                f"--{story}", dest="story", action="store_const", const=story, help=STORIES[story].format(site="it")
            )
        parser.add_argument("--letters", choices=[*Letters], help="what becomes of the emails that wait")
        parser.add_argument("--yes", action="store_true", help="don’t ask whether to go on")

    def handle(self, *, story: Story | None, letters: str | None, yes: bool, **_options: Any) -> None:  # noqa: ANN401 - Django's options
        """Adopt the site; raises CommandError where an answer is missing, or where there is nothing to adopt."""
        copy = find_copy()
        if copy is None:
            self.stdout.write("This database already belongs to this site. Nothing to do.")
            return
        waiting = waiting_in_copy()
        self._show(copy, waiting)
        complete = bool(story and letters and yes)
        if not complete and not sys.stdin.isatty():
            raise CommandError(GIVE)
        chosen = story or Story(
            self._choose("Which of the two sites is real?", {k: v.format(site=copy.site) for k, v in STORIES.items()})
        )
        kept = Letters(letters or self._choose("What should happen to the emails?", LETTERS))
        if not yes and input("This can’t be undone. To go on, type yes: ").strip().lower() != "yes":
            message = "Nothing was changed."
            raise CommandError(message)
        try:
            self._tell(adopt(chosen, kept, now=timezone.now()))
        except NotACopyError:
            self.stdout.write("Another process has just adopted it. This command changed nothing.")

    def _show(self, copy: Copy, waiting: Sequence[Waiting]) -> None:
        self.stdout.write(f"This site is         {copy.here}")
        self.stdout.write(f"The database is from {copy.site}\n\n")
        self.stdout.write("Waiting here:" if waiting else "Nothing is waiting here.")
        for each in waiting:
            self.stdout.write(f"  {each.what}: {each.count}")
        self.stdout.write("")

    def _choose(self, question: str, choices: Mapping[Any, str]) -> str:
        self.stdout.write(question)
        for number, (_name, text) in enumerate(choices.items(), 1):
            self.stdout.write(f"  {number}  {text}")
        names = dict(zip(map(str, range(1, len(choices) + 1)), choices, strict=True))
        while (answer := input(f"{' or '.join(names)}: ").strip()) not in names:
            pass
        return str(names[answer])

    def _tell(self, done: Adoption) -> None:
        self.stdout.write(f"The database now belongs to {done.copy.here}. Running processes notice within seconds.")
        if done.story is Story.MOVED:
            self.stdout.write(
                "Stripe calls this site within an hour. To have it do so now, select “Test the connection” under "
                "Settings → Payments."
            )
        else:
            self.stdout.write("To sell here, connect Stripe under Settings → Payments in each studio.")
