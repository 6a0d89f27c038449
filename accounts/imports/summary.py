"""What the rows of a list come to, in numbers."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import BooleanField, Case, Count, TextChoices, When

from accounts.models import ListImport
from accounts.models.imports import WANTED


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many rows are so for one reason, and how many of them are wanted."""

    verdict: str
    reason: TextChoices
    count: int
    wanted: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What the rows of an import come to."""

    reasons: list[ReasonCount]
    targets: Mapping[str, int]
    """How many wanted rows lead to which target."""

    @property
    def wanted(self) -> int:
        """How many rows will be imported."""
        return sum(each.wanted for each in self.reasons)

    def of(self, verdict: str) -> int:
        """How many rows have a verdict."""
        return sum(each.count for each in self.reasons if each.verdict == verdict)


def summarise(list_import: ListImport, known: type[TextChoices]) -> Summary:
    """What the rows of an import come to, by the reasons of its source. One statement, which reads each row once."""
    is_wanted = Case(When(WANTED, then=True), default=False, output_field=BooleanField())
    found = list_import.rows.order_by().exclude(why="").annotate(is_wanted=is_wanted)
    counts: Counter[tuple[str, str]] = Counter()
    wanted: Counter[str] = Counter()
    targets: Counter[str] = Counter()
    for row in found.values("verdict", "why", "target", "is_wanted").annotate(count=Count("pk")):
        counts[row["verdict"], row["why"]] += row["count"]
        if row["is_wanted"]:
            wanted[row["why"]] += row["count"]
            targets.update(dict.fromkeys(filter(None, row["target"].split(",")), row["count"]))
    places = {reason: place for place, reason in enumerate(known)}
    reasons = [
        ReasonCount(verdict, known(why), count, wanted[why])
        for (verdict, why), count in sorted(counts.items(), key=lambda each: places[known(each[0][1])])
    ]
    return Summary(reasons, targets)
