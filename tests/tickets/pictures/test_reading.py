"""What is read of a picture that somebody sent, and what is not."""

import struct
import tracemalloc
import zlib
from io import BytesIO

import pytest
from PIL import Image, features

from tests.tickets.pictures.drawn import colour, drawn, seen
from tickets.pictures.addresses import LARGE, SMALL
from tickets.pictures.reading import (
    MOST_BYTES,
    NotAPictureError,
    ReadPicture,
    TooLargeError,
    TooSmallError,
    read_logo,
    read_picture,
)

SCRIPT = b"<script>alert(1)</script>"


def read(content: bytes) -> ReadPicture:
    return read_picture(BytesIO(content), size=len(content))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_is_kept_in_two_sizes(kind: str) -> None:
    found = read(drawn(kind, (2000, 1000)))

    sizes = {size: (seen(content).format, seen(content).size) for size, content in found.files.items()}
    assert sizes == {LARGE: ("WEBP", (1280, 640)), SMALL: ("WEBP", (400, 200))}
    assert (found.width, found.height) == (1280, 640)
    assert [colour(content, 0.5, y) for content in found.files.values() for y in (0.1, 0.9)] == ["red", "blue"] * 2


def test_is_never_made_larger() -> None:
    found = read(drawn(size=(300, 100)))
    assert {seen(content).size for content in found.files.values()} == {(300, 100)}


@pytest.mark.parametrize("mode", ["L", "P", "1", "RGBA", "LA", "I;16"])
def test_may_have_any_colours(mode: str) -> None:
    image = Image.new("L", (100, 100), 128).convert(mode) if mode != "I;16" else Image.new("I;16", (100, 100), 9000)
    into = BytesIO()
    image.save(into, "PNG")

    found = read(into.getvalue())

    assert seen(found.files[LARGE]).mode in {"RGB", "RGBA"}


@pytest.mark.parametrize(("mode", "deep"), [("I;16", 30_000), ("L", 117)])
def test_a_grey_stays_that_grey(mode: str, deep: int) -> None:
    into = BytesIO()
    Image.new(mode, (100, 100), deep).save(into, "PNG")

    found = seen(read(into.getvalue()).files[LARGE]).convert("L").getpixel((50, 50))

    assert isinstance(found, int | float)
    assert abs(found - 117) < 4


@pytest.mark.parametrize("mode", ["RGB", "CMYK"])
def test_a_large_jpeg_is_made_smaller_as_it_is_unpacked(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is for printing too: all of its pixels would be hundreds of megabytes."""
    content = drawn("JPEG", (6000, 4000), mode)
    unpacked, load = [], Image.Image.load

    def noted(image: Image.Image) -> object:
        unpacked.append(image.size)
        return load(image)

    monkeypatch.setattr(Image.Image, "load", noted)
    found = read(content)

    assert max(unpacked) < (6000, 4000)
    assert (found.width, found.height) == (1280, 853)
    assert [colour(found.files[LARGE], 0.5, y) for y in (0.1, 0.9)] == ["red", "blue"]


@pytest.mark.parametrize(("sent", "kept"), [((1000, 4000), (640, 160)), ((4000, 1000), (40, 160))])
def test_a_logo_is_as_large_as_may_be_however_the_camera_was_held(sent: tuple[int, int], kept: tuple[int, int]) -> None:
    told = Image.Exif()
    told[0x0112] = 6  # a quarter turn
    content = drawn("JPEG", sent, exif=told.tobytes())

    assert seen(read_logo(BytesIO(content), size=len(content))).size == kept


def test_stays_see_through() -> None:
    into = BytesIO()
    Image.new("RGBA", (100, 100), (255, 0, 0, 0)).save(into, "PNG")

    assert seen(read(into.getvalue()).files[LARGE]).convert("RGBA").getpixel((50, 50))[3] == 0  # type: ignore[index]


class TestOfWhatElseIsInTheFile:
    def test_the_way_it_was_held_counts_and_nothing_is_kept(self) -> None:
        told = Image.Exif()
        told[0x0112] = 6  # a quarter turn
        told[0x010E] = "Ada’s flat, 1 High Street"
        told.get_ifd(0x8825)[2] = (51.0, 30.0, 0.0)
        sent = drawn("JPEG", (800, 400), exif=told.tobytes(), icc_profile=SCRIPT, comment=SCRIPT)
        assert b"High Street" in sent

        found = read(sent)

        for content in found.files.values():
            kept = seen(content)
            assert (kept.size[0] < kept.size[1], dict(kept.getexif()), kept.info.get("icc_profile")) == (True, {}, None)
            assert (b"High Street" in content, SCRIPT in content) == (False, False)
        assert [colour(found.files[LARGE], x, 0.5) for x in (0.1, 0.9)] == ["blue", "red"]

    def test_a_page_or_an_archive_at_its_end_is_gone(self) -> None:
        for kind in ("PNG", "JPEG", "WEBP"):
            found = read(drawn(kind) + b"PK\x03\x04" + SCRIPT)
            assert [SCRIPT in content for content in found.files.values()] == [False, False]

    def test_texts_are_gone(self) -> None:
        chunk = b"tEXtComment\x00" + SCRIPT
        whole = drawn("PNG")
        sent = (
            whole[:33] + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + whole[33:]
        )
        assert seen(sent).size == (800, 600)

        assert SCRIPT not in read(sent).files[LARGE]

    def test_of_what_moves_the_first_image_is_kept(self) -> None:
        frames = [Image.new("RGB", (100, 100), each) for each in ("red", "blue", "blue")]
        for kind in ("PNG", "WEBP"):
            into = BytesIO()
            frames[0].save(into, kind, save_all=True, append_images=frames[1:], duration=100)
            assert getattr(seen(into.getvalue()), "n_frames", 1) > 1

            found = read(into.getvalue())

            kept = seen(found.files[LARGE])
            assert (getattr(kept, "n_frames", 1), colour(found.files[LARGE], 0.5, 0.5)) == (1, "red")


def bomb(width: int, height: int) -> bytes:
    """A PNG that says how large it is; of what is in it a little is enough."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(3 * width + 1) * min(height, 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def in_parts(kind: str, count: int) -> bytes:
    """A picture with so many parts that show nothing: scans or comments of a JPEG, or chunks of a PNG."""
    if kind == "chunks":
        content, chunk = drawn("PNG", (64, 64)), struct.pack(">I", 0) + b"teST" + struct.pack(">I", zlib.crc32(b"teST"))
        return content[:33] + chunk * count + content[33:]
    content = drawn("JPEG", (64, 64), progressive=True)
    if kind == "comments":
        return content[:2] + b"\xff\xfe\x00\x02" * count + content[2:]
    last = content[content.rindex(b"\xff\xda") : -2]
    return content[:-2] + last * count + content[-2:]


class TestIsRefused:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            SCRIPT,
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            b"GIF89a/*" + SCRIPT + b"*/=1;",
            drawn("GIF"),
            drawn("BMP"),
            drawn("TIFF"),
            drawn("PDF"),
            b"\x89PNG\r\n\x1a\n" + SCRIPT,
            b"\xff\xd8\xff\xe0" + SCRIPT * 50,
            b"RIFF\xff\xff\xff\xffWEBPVP8 " + SCRIPT * 50,
            b"\x00\x00\x00\x18ftypheic" + SCRIPT,
            drawn(size=(8, 8)),
        ],
    )
    def test_where_it_is_no_picture(self, content: bytes) -> None:
        with pytest.raises(NotAPictureError):
            read(content)

    @pytest.mark.parametrize("size", [(8, 8), (1, 10_000)])
    def test_where_it_is_too_small(self, size: tuple[int, int]) -> None:
        with pytest.raises(TooSmallError):
            read(drawn(size=size))

    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
    def test_where_it_is_cut_short(self, kind: str) -> None:
        whole = drawn(kind, (1000, 1000))
        for part in (0.1, 0.5, 0.9):
            with pytest.raises(NotAPictureError):
                read(whole[: int(len(whole) * part)])

    def test_where_its_file_is_too_large(self) -> None:
        with pytest.raises(TooLargeError):
            read_picture(BytesIO(drawn()), size=MOST_BYTES + 1)

    @pytest.mark.parametrize("sides", [(5000, 5000), (60_000, 60_000), (16_000_001, 1), (65_535, 16_000)])
    def test_where_it_has_too_many_pixels_and_none_is_unpacked(self, sides: tuple[int, int]) -> None:
        content = bomb(*sides)
        tracemalloc.start()
        try:
            with pytest.raises(TooLargeError):
                read(content)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert most < 5_000_000

    @pytest.mark.parametrize("kind", ["scans", "comments", "chunks"])
    def test_where_it_has_more_parts_than_any_program_writes(self, kind: str) -> None:
        """Each takes a time of its own: fifteen megabytes of scans take minutes."""
        usual, many = (80, 100) if kind == "scans" else (3000, 20_001)
        assert read(in_parts(kind, usual)).width == 64
        with pytest.raises(NotAPictureError):
            read(in_parts(kind, many))

    def test_but_not_for_what_looks_like_parts_within_another_or_behind_it(self) -> None:
        scans = b"\xff\xda" * 30_000
        content = drawn("JPEG", (64, 64))
        assert read(content[:2] + b"\xff\xe5\xea\x62" + scans + content[2:] + scans).width == 64

    def test_but_a_telephone_s_picture_is_read_though_it_is_larger_than_another_could_be(self) -> None:
        content = drawn("JPEG", (6000, 4500), quality=30)
        assert seen(content).size[0] * seen(content).size[1] > 16_000_000

        assert (read(content).width, read(content).height) == (1280, 960)


def test_webp_can_be_written_here() -> None:
    assert features.check("webp")
