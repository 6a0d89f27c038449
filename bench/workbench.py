"""What the parts of the benchmark share: the site, the studio, the counter, and how long to measure."""

from dataclasses import dataclass
from functools import cached_property

from bench import rounds
from bench.client import CLIENTS, Act, Crowd, UnexpectedAnswerError, crowd
from bench.data import World
from bench.rounds import Measure, Round
from bench.shop import Shop
from bench.site import Site
from bench.statements import Counter


@dataclass
class Workbench:
    """`seconds` is how long a crowd is at work in a round, `rounds` how many rounds there are."""

    site: Site
    seconds: float
    rounds: int

    @cached_property
    def world(self) -> World:
        """The studio."""
        return World()

    @cached_property
    def counter(self) -> Counter:
        """Counts the statements of the site."""
        return Counter(self.site.environment["DATABASE_URL"])

    @cached_property
    def shop(self) -> Shop:
        """The studio as it is in life: connected to Stripe, memberships on sale. Asking for it makes it so."""
        return Shop(self.site, self.world)

    def take_turns(self, ours: Measure, floor: Measure) -> list[Round]:
        """Measure both in turn."""
        return rounds.take_turns(ours, floor, rounds=self.rounds)

    def rate(self, act: Act, *, crowds: list[Crowd] | None = None) -> float:
        """How many a second 8 clients do; what they did is put to `crowds`."""
        found = crowd(CLIENTS, act, seconds=self.seconds)
        if found.problems:
            raise UnexpectedAnswerError(found.problems[0])
        if crowds is not None:
            crowds.append(found)
        return found.rate

    def warm_up(self, *acts: Act) -> None:
        """Let 8 clients do each for a while, unmeasured."""
        for act in acts:
            if problems := crowd(CLIENTS, act, seconds=self.seconds / 4).problems:
                raise UnexpectedAnswerError(problems[0])
