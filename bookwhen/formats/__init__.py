"""How people type dates in places that Django does not know: it would read 5/6/2026 there as Americans do.

Django looks for `<language>_<PLACE>/formats.py` (FORMAT_MODULE_PATH). Dates are always written out: *5 May 2026*.
"""

from typing import Final

DAY_FIRST: Final = ["%d/%m/%Y", "%d/%m/%y", "%d %b %Y", "%d %B %Y"]
DAY_FIRST_WITH_TIME: Final = [f"{day} %H:%M" for day in DAY_FIRST]
