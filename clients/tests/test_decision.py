"""The one dated decision after an intake."""

from datetime import timedelta

import pytest
from django.utils import timezone

from casemgmt.agencies.models import acting_as
from casemgmt.core.models import Refused
from casemgmt.demo.builders import make_client
from clients.models import EligibilityDecision, Intake


def test_nobody_asks_in_the_past_how_a_referral_went(cast):
    today = timezone.localdate()
    client = make_client(cast.riverside, by=cast.wendy)
    with acting_as(cast.riverside, by=cast.wendy):
        intake = Intake.objects.create(client=client, reason="A meal.", safe_now=Intake.Answer.YES)
        told = {"note": "We have no kitchen.", "offered": "Eastbank Pantry", "by": cast.wendy}
        refer_out = EligibilityDecision.Outcome.REFER_OUT
        with pytest.raises(Refused, match="in the past"):
            intake.decide(refer_out, follow_up_on=today - timedelta(days=1), **told)
        assert intake.decide(refer_out, follow_up_on=today, **told).follow_up_on == today
