"""Ten clicks at once, and two who do the same."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from casemgmt.agencies.models import acting_as
from casemgmt.core.models import Refused
from casemgmt.demo import builders
from casemgmt.tests.world import filled, inputs
from clients.models import Document, IncomingReferral, Merge

CLICKS = 10


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_ten_clicks_at_once_write_one_row_and_get_one_answer(cast, as_):
    browser = as_("wendy")
    page = browser.get("/referrals/new/")
    data = filled(inputs(page.text), reason="Sleeps in the bus station.", id_number=None)
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


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_merge_the_same_pair_at_once_one_is_told(cast):
    with acting_as(cast.riverside, by=cast.dana):
        pair = [builders.make_client(cast.riverside, by=cast.dana) for _n in range(2)]
        for person in pair:
            builders.refer(person, by=cast.dana)
            Document.objects.create(
                client=person, file_name="a", content_type="t", size=1, added_by=cast.dana
            )
    start = Barrier(2)

    def run(order):
        start.wait()
        try:
            with acting_as(cast.riverside, by=cast.dana):
                Merge.of(*order, by=cast.dana, reason="One person.")
            return "merged"
        except Refused as refused:
            return refused.sentences[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(run, (pair, pair[::-1])), key=len)
    assert said[0] == "merged"
    assert "already" in said[1]
    with acting_as(cast.riverside, by=cast.dana):
        kept = Merge.objects.get().kept
        assert Document.objects.filter(client=kept).count() == 2
