"""One table."""

from django.db import models


class Thing(models.Model):
    name = models.CharField(max_length=20)
    size = models.IntegerField(default=0, db_default=0)

    class Meta:
        indexes = [models.Index(fields=["name"], name="scratch_thing_name")]

    def __str__(self) -> str:
        return self.name
