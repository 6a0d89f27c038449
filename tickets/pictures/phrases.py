"""What is wrong with a file that was sent as a picture, and what to do."""

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from tickets.pictures.reading import LEAST

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

HEIC: Final = frozenset({b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif"})
"""How files of telephones begin that browsers can’t all show."""


def too_small() -> str:
    """What to do with a picture of which nothing could be seen."""
    return _("Choose a larger picture, of at least %(least)d pixels on each side") % {"least": LEAST}


def not_a_picture(file: "UploadedFile[bytes]") -> str:
    """What to do with a file that we can’t show: the kinds that people have are told by name."""
    file.seek(0)
    begins = file.read(64)
    if begins[4:8] == b"ftyp" and begins[8:12] in HEIC:
        return _("We can’t show HEIC or AVIF pictures. Save it as a JPEG first.")
    if begins.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<svg", b"<?xml", b"<!DOCTYPE svg")):
        return _("We can’t show SVG drawings. Save it as a PNG first.")
    return _("Choose a JPEG, PNG or WebP file that opens as a picture")
