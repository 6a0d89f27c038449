"""The three views."""

import hashlib
import hmac
import json
import os
import time
from typing import Final

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from bench.floor.models import Entry

ROWS: Final = 50
SECRET: Final = os.environ["FLOOR_SIGNING_SECRET"].encode()
TOLERANCE: Final = 300
"""Seconds that an event's signature may be old."""

BOOK: Final = """
    WITH place AS (
        UPDATE floor_entry SET taken = taken + 1 WHERE id = %s AND taken < places RETURNING id
    )
    INSERT INTO floor_booking (entry_id, name, email) SELECT id, %s, %s FROM place RETURNING id
"""
STORE: Final = "INSERT INTO floor_event (stripe_id, body) VALUES (%s, %s) ON CONFLICT (stripe_id) DO NOTHING"


def page(request: HttpRequest) -> HttpResponse:
    """The next 50 entries."""
    return render(request, "page.html", {"entries": Entry.objects.order_by("starts_at")[:ROWS]})


def book(request: HttpRequest, pk: int) -> HttpResponse:
    """Book a place, where there is one: one statement, which is committed when it answers."""
    with connection.cursor() as cursor:
        cursor.execute(BOOK, [pk, request.POST["name"], request.POST["email"]])
        booked = cursor.fetchone()
    return HttpResponseRedirect(f"/booked/{booked[0]}/") if booked else HttpResponse("It’s full.", status=409)


def store(request: HttpRequest) -> HttpResponse:
    """Store an event of Stripe's, whose signature is right, once."""
    if not _is_signed(request.body, request.headers["Stripe-Signature"]):
        return HttpResponse(status=400)
    with connection.cursor() as cursor:
        cursor.execute(STORE, [json.loads(request.body)["id"], request.body.decode()])
    return HttpResponse()


def _is_signed(body: bytes, header: str) -> bool:
    parts = dict(part.split("=", 1) for part in header.split(","))
    signed = f"{parts['t']}.".encode() + body
    expected = hmac.new(SECRET, signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, parts["v1"]) and abs(time.time() - int(parts["t"])) < TOLERANCE
