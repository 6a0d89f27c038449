"""What Django reads of this place; the rest is as in other English."""

from typing import Final

from bookwhen.formats import DAY_FIRST, DAY_FIRST_WITH_TIME

DATE_INPUT_FORMATS: Final = DAY_FIRST
DATETIME_INPUT_FORMATS: Final = DAY_FIRST_WITH_TIME
