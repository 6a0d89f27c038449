"""Its three tables. `bench.floor.tables` makes them: there are no migrations."""

from typing import ClassVar

from django.db import models


class Entry(models.Model):
    """Something that can be booked."""

    title = models.CharField(max_length=100)
    location = models.CharField(max_length=100)
    starts_at = models.DateTimeField()
    price = models.PositiveIntegerField()
    places = models.PositiveIntegerField()
    taken = models.PositiveIntegerField(default=0)

    objects: ClassVar[models.Manager["Entry"]] = models.Manager()

    class Meta:
        app_label = "floor"
        managed = False

    def __str__(self) -> str:
        return self.title

    @property
    def left(self) -> int:
        """How many places are free."""
        return self.places - self.taken
