"""The looks of the pages that the sandbox shows to people."""

import datetime as dt
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bookwhen.sandbox.stripe.cards import CARDS
from bookwhen.sandbox.stripe.errors import Json

STYLE = """
*{box-sizing:border-box}
body{margin:0;background:#f4f5f9;color:#1b2033;font:16px/1.5 system-ui,sans-serif}
main{max-width:44rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.5rem;margin:.5rem 0 1rem}
h2{font-size:1.1rem;margin:0 0 .5rem}
section{background:#fff;border:1px solid #dfe2ec;border-radius:10px;padding:1rem 1.25rem;margin:0 0 1rem}
.test{display:inline-block;background:#ffe8b8;color:#5c3d00;border-radius:6px;padding:.1rem .6rem;font-size:.85rem}
label{display:block;margin:.5rem 0 .2rem;font-weight:600}
input,select{width:100%;padding:.55rem;border:1px solid #9aa1b5;border-radius:6px;font:inherit;background:#fff}
button{margin:.75rem .5rem 0 0;padding:.6rem 1.1rem;border:0;border-radius:6px;
background:#4338ca;color:#fff;font:inherit}
button{font-weight:600;cursor:pointer}
button.quiet{background:#e7e9f3;color:#1b2033}
.error{background:#fde8e8;color:#8a1f1f;border-radius:6px;padding:.6rem .9rem}
table{width:100%;border-collapse:collapse}
td,th{text-align:left;padding:.35rem .5rem .35rem 0;border-bottom:1px solid #eceef5;vertical-align:top}
form{display:inline}
td:last-child{text-align:right}
a{color:#4338ca}
a:focus-visible,button:focus-visible,input:focus-visible,select:focus-visible
{outline:3px solid #f0b429;outline-offset:2px}
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


def shown(title: str, body: str, status: int = 200) -> Page:
    """Wrap a page."""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{esc(title)}</title>'
    note = '<p class="test">Sandbox: no real money moves</p>'
    page = f"{head}<style>{STYLE}</style></head><body><main>{note}<h1>{esc(title)}</h1>{body}</main></body>"
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
