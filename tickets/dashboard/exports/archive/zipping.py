"""A ZIP file written in pieces by one worker after another: what the next one must know fits in a few numbers. Pure.

Every file in it is deflated in pieces that know nothing of each other, so that none is ever held as a whole; its
checksum and sizes stand after it (APPNOTE 4.3.9). The directory at the end comes from those who kept its records.
"""

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

LAST_BLOCK: Final = b"\x03\x00"
"""An empty block of deflate that is the last one."""
SMALL: Final = 0xFFFFFFFF
FEW: Final = 0xFFFF
"""Numbers from here on need the wide forms (ZIP64)."""
_IN_WIDE: Final = 0xFFFFFFFF
_MANY: Final = 0xFFFF
"""What stands where a number is in the wide form."""
_FLAGS: Final = 0x0808
"""Sizes stand after the file, and names are UTF-8."""
_DEFLATED: Final = 8
_UNIX: Final = 0x031E
_PLAIN: Final = 20
_WIDE: Final = 45
_READABLE: Final = 0o100644 << 16
_FIRST_YEAR: Final = 1980


@dataclass(slots=True)
class ZipState:
    """How far a ZIP is: its length, how many files are whole, and what is known of the one that is being written."""

    length: int = 0
    files: int = 0
    directory: int = 0
    """How many bytes the records of its directory have."""
    name: str = ""
    """The file that is being written; nothing between two."""
    start: int = 0
    crc: int = 0
    size: int = 0
    packed: int = 0

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None) -> "ZipState":
        """As JSON kept it."""
        return cls(**(kept or {}))

    def kept(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self)


@dataclass(slots=True)
class ZipPiece:
    """What comes next of a ZIP: bytes of it, and the records of its directory of the files that end in them."""

    state: ZipState
    at: datetime
    """When its files were made, as their reader's clock shows it."""
    data: bytearray = field(default_factory=bytearray)
    records: bytearray = field(default_factory=bytearray)

    def begin(self, name: str) -> None:
        """Begin a file."""
        state, named = self.state, name.encode()
        state.name, state.start, state.crc, state.size, state.packed = name, state.length, 0, 0, 0
        self._append(
            struct.pack("<IHHHIIIIHH", 0x04034B50, _PLAIN, _FLAGS, _DEFLATED, self._moment(), 0, 0, 0, len(named), 0)
        )
        self._append(named)

    def write(self, data: bytes) -> None:
        """Go on with it."""
        if not data:
            return
        deflate, state = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS), self.state
        packed = deflate.compress(data) + deflate.flush(zlib.Z_FULL_FLUSH)
        state.crc = zlib.crc32(data, state.crc)
        state.size, state.packed = state.size + len(data), state.packed + len(packed)
        self._append(packed)

    def end(self) -> None:
        """End it."""
        state, named = self.state, self.state.name.encode()
        state.packed += len(LAST_BLOCK)
        self._append(LAST_BLOCK)
        self._append(struct.pack("<IIII", 0x08074B50, state.crc, state.packed, state.size))
        is_far = state.start >= SMALL
        beside = struct.pack("<HHQ", 1, 8, state.start) if is_far else b""
        needs, start = (_WIDE, _IN_WIDE) if is_far else (_PLAIN, state.start)
        record = struct.pack("<IHHHHI", 0x02014B50, _UNIX, needs, _FLAGS, _DEFLATED, self._moment())
        record += struct.pack("<III", state.crc, state.packed, state.size)
        record += struct.pack("<HHHHHII", len(named), len(beside), 0, 0, 0, _READABLE, start)
        self.records += record + named + beside
        state.directory += len(record) + len(named) + len(beside)
        state.files, state.name = state.files + 1, ""

    def add(self, name: str, data: bytes) -> None:
        """A file as a whole."""
        self.begin(name)
        self.write(data)
        self.end()

    def _append(self, data: bytes) -> None:
        self.data += data
        self.state.length += len(data)

    def _moment(self) -> int:
        """The day and time as MS-DOS wrote them, the time in the lower half."""
        at = self.at
        day = (max(at.year, _FIRST_YEAR) - _FIRST_YEAR) << 9 | at.month << 5 | at.day
        return day << 16 | at.hour << 11 | at.minute << 5 | at.second // 2


def zip_end(state: ZipState) -> Iterator[bytes]:
    """What ends a ZIP after the records of its directory: where that begins, and how long it is."""
    begins, size, files = state.length, state.directory, state.files
    if begins >= SMALL or size >= SMALL or files >= FEW:
        yield struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, _UNIX, _WIDE, 0, 0, files, files, size, begins)
        yield struct.pack("<IIQI", 0x07064B50, 0, begins + size, 1)
    few, small = _MANY if files >= FEW else files, _IN_WIDE if size >= SMALL else size
    at = _IN_WIDE if begins >= SMALL else begins
    yield struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, few, few, small, at, 0)
