"""The people of the demo: invented names from everywhere, at addresses that nobody can have."""

import unicodedata
from collections.abc import Iterator
from random import Random
from typing import Final

FIRST: Final = """
    Aaliyah Abigail Adwoa Agnieszka Aisling Alejandro Amara Anaïs Anouk Arjun Astrid Béatrice Bilal Bronwen Callum
    Catriona Chidi Chiara Cillian Daisuke Dagny Delphine Dilnoza Ebba Efua Eilidh Emeka Esperanza Fatima Femi Fergus
    Freya Gethin Ghislaine Greta Hana Hamish Ifeoma Imogen Ines Ioana Iqbal Jarek Jemima Joaquín Jun Kaveh Keziah
    Kwame Lakshmi Leila Linus Lorcan Łucja Magnus Mahnoor Maëlle Marguerite Mehmet Miriam Nadia Naoko Nerys Nikolai
    Noor Oisín Olwen Oluwaseun Padraig Parveen Petra Priya Rafael Ravi Rhiannon Rosamund Ruairí Saoirse Sefa Selin
    Seung Siân Sofía Soren Sunniva Tamsin Tariq Thandiwe Tomasz Uchenna Valentina Wanjiru Xanthe Yasmin Yusuf Zadie
    Zainab Zoë Zuzana
""".split()  # noqa: SIM905 - a hundred lines of one name each read worse
LAST: Final = """
    Abernathy Adeyemi Ahlström Akhtar Almeida Anand Ashworth Baptiste Begum Bianchi Bjørnsen Blackwood Bouchard
    Castellanos Chaudhry Cheng Coldwell D’Souza Dąbrowski Delacroix Dhillon Dunmore Eriksen Fairclough Farrow
    Featherstone Fernández Fitzwilliam Galloway García Ghosh Goldberg Gunnarsdóttir Haddad Hartigan Hashemi Hawthorne
    Ibrahim Ishikawa Jankowski Jayawardena Kamau Kavanagh Kowalczyk Kruger Lefèvre Llewellyn Lockwood MacAllister
    Marchetti Mbeki Mensah Moreau Müller Nakamura Ndiaye Novák Nwosu O’Brien Obi Okonkwo Olsson Pemberton Petrov
    Pritchard Qureshi Quigley Rahman Rasmussen Reyes Rossi Sandhu Santos Schäfer Silva Sinclair Skarsgård Stavrou
    Szabó Takahashi Thackeray Tran Underhill Vasquez Venkataraman Villeneuve Wainwright Wetherby Whitlock Wójcik
    Yeo Zhang Zielińska
""".split()  # noqa: SIM905 - the same
UNUSUAL: Final = (
    ("مريم الحداد", "maryam.al-haddad"),
    ("נועה לוי", "noa.levi"),
    ("Nguyễn Thị Hạnh", "hanh.nguyen"),
    ("山田 花子", "hanako.yamada"),
    ("Poppy 🌻 Marlowe", "poppy.marlowe"),
    ("Maximiliana Anastasia Fotheringay-Cholmondeley de Sousa e Castro", "maximiliana"),
    ("Bo", "bo"),
)
"""Names that try a page: from right to left, with an emoji, very long, very short."""
EVERY: Final = 9
"""One in so many has one of them."""


def invent(rng: Random) -> Iterator[tuple[str, str]]:
    """Go on giving folded addresses and names, none twice; the unusual ones come early."""
    firsts, lasts = rng.sample(FIRST, len(FIRST)), rng.sample(LAST, len(LAST))
    unusual = iter(UNUSUAL)
    for number in range(len(firsts) * len(lasts)):
        if number % EVERY == 0 and (odd := next(unusual, None)):
            yield f"{odd[1]}@example.org", odd[0]
            continue
        # Both lists are walked at once; the second starts one later each time round, so that no pair comes again.
        first = firsts[number % len(firsts)]
        last = lasts[(number + number // len(firsts)) % len(lasts)]
        yield f"{plain(first)}.{plain(last)}@example.org", f"{first} {last}"


def plain(name: str) -> str:
    """The name as it stands in an e-mail address."""
    letters = unicodedata.normalize("NFKD", name.translate(_LETTERS)).encode("ascii", "ignore").decode()
    return letters.lower().replace(" ", ".")


_LETTERS: Final = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "’": ""})
