"""The looks of the pages that the sandbox shows to people."""

import datetime as dt
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bookwhen.sandbox.stripe.cards import CARDS
from bookwhen.sandbox.stripe.errors import Json

STYLE = """
:root{color-scheme:light dark;--page:#f4f5f9;--card:#fff;--text:#1b2033;--soft:#565d73;--line:#dfe2ec;--edge:#8a91a6;
--accent:#4338ca;--on-accent:#fff;--quiet:#e7e9f3;--warn:#ffe8b8;--on-warn:#5c3d00;--bad:#fde8e8;--on-bad:#8a1f1f;
--good:#e3f4e8;--on-good:#14532d}
@media (prefers-color-scheme:dark){:root{--page:#12141c;--card:#1b1e2a;--text:#e8eaf2;--soft:#a6adc2;--line:#2d3243;
--edge:#6d7590;--accent:#a5b0ff;--on-accent:#14172a;--quiet:#2c3144;--warn:#4a3505;--on-warn:#ffe3a3;--bad:#4a1d1d;
--on-bad:#ffc9c9;--good:#153a24;--on-good:#b9f0cc}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,sans-serif}
main{max-width:44rem;margin:0 auto;padding:1.5rem 1rem 4rem}
main.wide{max-width:60rem}
h1{font-size:1.5rem;margin:.5rem 0 1rem}
h2{font-size:1.15rem;margin:0 0 .5rem}
h3{font-size:1rem;margin:1.25rem 0 0}
p{margin:.5rem 0}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1rem 1.25rem;margin:0 0 1rem}
.test{display:inline-block;background:var(--warn);color:var(--on-warn);border-radius:6px;padding:.1rem .6rem;
font-size:.85rem}
.note{background:var(--warn);color:var(--on-warn);border-radius:6px;padding:.6rem .9rem}
.said{background:var(--good);color:var(--on-good);border-radius:6px;padding:.6rem .9rem;margin:0 0 1rem}
.big{font-size:1.25rem;font-weight:600}
.id{color:var(--soft);font-size:.85rem;overflow-wrap:anywhere}
.row{display:grid;gap:0 1rem;grid-template-columns:2fr 1fr 1fr}
label{display:block;margin:.5rem 0 .2rem;font-weight:600}
input,select{width:100%;padding:.55rem;border:1px solid var(--edge);border-radius:6px;font:inherit;
background:var(--card);color:inherit}
button{margin:.75rem .5rem 0 0;padding:.6rem 1.1rem;border:0;border-radius:6px;background:var(--accent);
color:var(--on-accent);font:inherit;font-weight:600;cursor:pointer}
button.quiet{background:var(--quiet);color:var(--text)}
td button{margin:0;padding:.3rem .7rem}
.error{background:var(--bad);color:var(--on-bad);border-radius:6px;padding:.6rem .9rem}
table{width:100%;border-collapse:collapse}
td,th{text-align:left;padding:.45rem .75rem .45rem 0;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-size:.85rem;font-weight:600}
tr:last-child td{border-bottom:0}
ul{margin:.5rem 0;padding:0;list-style:none}
li{padding:.2rem 0}
code{font-size:.95em}
li code{margin-right:.5rem}
form{display:inline}
td:last-child,th:last-child{text-align:right;padding-right:0}
summary{cursor:pointer}
summary h2{display:inline}
a{color:var(--accent)}
:focus-visible{outline:3px solid #f0b429;outline-offset:2px}
td details button{margin:.3rem .3rem 0 0}
@media (max-width:36rem){.row{grid-template-columns:1fr}section{padding:1rem}td,th{padding-right:.4rem}
.wide tr{display:block;padding:.5rem 0;border-bottom:1px solid var(--line)}
.wide td{display:block;padding:.1rem 0;border:0;text-align:left;overflow-wrap:anywhere}.wide th{display:none}
.wide td button{margin:.4rem 0}}
"""
SIGNS = {"gbp": "£", "eur": "€", "usd": "$"}
NO_DECIMALS = {"jpy", "krw"}


@dataclass(frozen=True)
class Page:
    """What a page answers: text to show, or where to go."""

    text: str = ""
    status: int = 200
    location: str | None = None
    kind: str = "text/html; charset=utf-8"


def esc(value: object) -> str:
    """Escape for HTML."""
    return html.escape(str(value))


def shown(title: str, body: str, status: int = 200, *, wide: bool = False) -> Page:
    """Wrap a page."""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{esc(title)}</title>'
    note = '<p class="test">Sandbox: no real money moves</p>'
    look = "wide" if wide else ""
    main = f'<main class="{look}">{note}<h1>{esc(title)}</h1>{body}</main>'
    page = f"{head}<style>{STYLE}</style></head><body>{main}</body>"
    return Page(f'<!doctype html><html lang="en"><head>{page}</html>', status)


def error(message: str | None) -> str:
    """Show what went wrong, if anything did."""
    return f'<p class="error" role="alert">{esc(message)}</p>' if message else ""


def money(amount: int, currency: str) -> str:
    """Show an amount of minor units."""
    number = f"{amount:,}" if currency in NO_DECIMALS else f"{amount / 100:,.2f}"
    return f"{SIGNS.get(currency, currency.upper() + ' ')}{number}"


def day(at: int) -> str:
    """Show a date (UTC)."""
    return f"{dt.datetime.fromtimestamp(at, dt.UTC):%-d %B %Y}"


def moment(at: int) -> str:
    """Show a date and time (UTC)."""
    return f"{dt.datetime.fromtimestamp(at, dt.UTC):%-d %B %Y, %H:%M:%S} UTC"


def card_field() -> str:
    """Let a test card be chosen."""
    options = "".join(f'<option value="{card.number}">{card.number}: {esc(card.label)}</option>' for card in CARDS)
    return f'<label for="card">Test card</label><select id="card" name="card">{options}</select>'


def button(act: str, text: str, *, quiet: bool = False, **hidden: str) -> str:
    """Show a form of one button."""
    fields = "".join(f'<input type="hidden" name="{esc(k)}" value="{esc(v)}">' for k, v in hidden.items())
    look = ' class="quiet"' if quiet else ""
    return f'<form method="post">{fields}<button name="act" value="{act}"{look}>{esc(text)}</button></form>'


def table(rows: Sequence[tuple[str, ...]], heads: tuple[str, ...] = ()) -> str:
    """Show rows of cells that are HTML already."""
    top = "<tr>" + "".join(f"<th>{head}</th>" for head in heads) + "</tr>" if heads else ""
    return (
        f"<table>{top}{''.join('<tr>' + ''.join(f'<td>{cell}</td>' for cell in row) + '</tr>' for row in rows)}</table>"
    )


def per(price: Json) -> str:
    """Show how often a price is due: ` every 2 weeks`, or nothing."""
    recurring: Mapping[str, object] | None = price["recurring"]
    if recurring is None:
        return ""
    many = recurring["interval_count"]
    return f" every {recurring['interval']}" if many == 1 else f" every {many} {recurring['interval']}s"
