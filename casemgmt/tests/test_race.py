"""Ten clicks at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from casemgmt.tests.world import filled, inputs
from clients.models import IncomingReferral

CLICKS = 10


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_ten_clicks_at_once_write_one_row_and_get_one_answer(cast, as_):
    browser = as_("wendy")
    page = browser.get("/referrals/new/")
    data = filled(inputs(page.text), reason="Sleeps in the bus station.")
    start = Barrier(CLICKS)

    def click(_n):
        again = Client()
        again.cookies = browser.cookies
        start.wait()
        try:
            return again.post("/referrals/new/", data)
        finally:
            connection.close()

    with ThreadPoolExecutor(CLICKS) as pool:
        answers = list(pool.map(click, range(CLICKS)))
    assert {(a.status_code, a.headers.get("Location")) for a in answers} == {
        (302, answers[0].headers["Location"])
    }
    assert IncomingReferral.objects.filter(reason=data["reason"]).count() == 1
