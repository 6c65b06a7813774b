"""The rest of a plan's thread in the demo: levels, barriers, reviews of goals, services planned and given, a crisis.

It draws from a generator of its own for each person, so that the rest of the demo stays as it is.
"""

import random
from datetime import timedelta

from django.utils.formats import date_format

from casemgmt.demo import stories
from casemgmt.demo.front_door import say
from clients.models import Alert, Crisis, KeyEvent, LevelDecision
from clients.pipeline import Stage
from serviceplans.models import (
    Authorization,
    DischargeCriterion,
    Goal,
    GoalBarrier,
    GoalReview,
    ObjectiveRating,
    PlanAction,
    PlannedService,
    PlanReview,
    ReferralStep,
    ReviewExemption,
    ServiceDelivered,
    ServiceInterruption,
    ServicePlan,
    ServiceReferral,
)

S, Source, Decision = ServiceReferral.Status, ServiceReferral.Source, GoalReview.Decision

# Of some people, by name.
SCALES = {
    "Marisol Vega": (
        "Back on the street",
        "On a couch, and the end is in sight",
        "Own place, rent paid most months",
        "Own place, rent paid every month",
        "Own place for a year, and helps a friend to find one",
    )
}
CRISES = {
    "Priya Raman": "Has not slept for three nights and hears that people talk about her. Her aunt stays with her."
}
PUT_OFF = {"Dwayne Prescott": "HOSPITAL"}
WAITING = {"Jun Castillo"}

CRITERIA = (
    "The first goal is reached, and has held for two months",
    "{name} knows whom to call when it gets hard",
    "Services of others are in place",
)
WHY_LEVEL = {
    4: "Two stays in hospital within a year; wants to be seen every week.",
    3: "Needs are clear, goals have begun, services are being found.",
    2: "Goals are nearly reached; others carry more and more.",
}
# The steps that lead to each status.
STEPS = {
    S.ASKED: (S.ASKED,),
    S.WAITING: (S.ASKED, S.ACCEPTED, S.WAITING),
    S.BOOKED: (S.ASKED, S.ACCEPTED, S.BOOKED),
    S.RUNNING: (S.ASKED, S.ACCEPTED, S.BOOKED, S.ATTENDED, S.RUNNING),
    S.DONE: (S.ASKED, S.ACCEPTED, S.BOOKED, S.ATTENDED, S.RUNNING, S.DONE),
    S.FAILED: (S.ASKED, S.ACCEPTED, S.WAITING, S.FAILED),
    S.DECLINED: (S.ASKED, S.DECLINED),
}
GAPS = {
    S.FAILED: ("FULL", "FULL", "TOO_FAR", "NO_ANSWER", "DECLINED", "COST"),
    S.DECLINED: ("NOT_ELIGIBLE", "FULL", "REFUSED"),
}


class Thread:
    """The part of a `Life` that hangs on its plan."""

    def _begin_thread(self):
        """Its own luck, so that nobody else's is changed by it."""
        self.more = random.Random(f"{self.person.given} {self.person.family}")

    @property
    def full_name(self):
        return f"{self.person.given} {self.person.family}"

    # --- How much service -----------------------------------------------------------------------------------------

    def _levels(self):
        """From the first plan on; less when the end comes near."""
        planned, levels = self.days.get(Stage.PLANNED), self.house.levels[self.program]
        if planned is None or self.ended or self.more.random() < 0.3:
            return
        number = 4 if self.person.every < 6 else 3
        steps = [(planned, number)]
        if Stage.CONCLUDING in self.days:
            steps.append((self.days[Stage.CONCLUDING], number - 1))
        for day, number in steps:
            self.enrollment.level = levels[number]
            self._add(
                LevelDecision(
                    enrollment=self.enrollment,
                    level=levels[number],
                    decided_on=day,
                    why=WHY_LEVEL[number],
                    by=self.lead(day),
                ),
                day=day,
            )

    # --- Goals ---------------------------------------------------------------------------------------------------

    def _agreement(self, position):
        """Nearly always yes; of the last goal now and then only in part."""
        partly = position == 2 and self.more.random() < 0.4
        return Goal.Agreement.PARTLY if partly else Goal.Agreement.AGREES

    def _in_the_way(self, track, day):
        barrier = self.needs[track.domain].barrier
        if barrier is not None:
            self._add(GoalBarrier(goal=track.goal, barrier=barrier), day=day)

    def _lead_of(self, who):
        """Who leads an action, and how we help with it; `who` as in the stories."""
        L, H = PlanAction.LedBy, PlanAction.Help
        if who == "worker":
            return {"led_by": L.WORKER, "help": H.DONE_FOR}
        if who == "person":
            return {"led_by": L.CLIENT, "help": self.more.choice((H.INFORMED, H.HELPED, H.WENT_ALONG))}
        return {"led_by": L.FAMILY}

    def _criteria(self, day):
        concluding = self.days.get(Stage.CONCLUDING)
        for text in self.more.sample(CRITERIA, 2):
            met = concluding if concluding and self.more.random() < 0.7 else None
            self._add(DischargeCriterion(plan=self.plan, text=say(text, self.person), met_on=met), day=day)

    # --- Reviews ---------------------------------------------------------------------------------------------------

    def _review_goals(self, review, day):
        """What the review says of each goal; the last one is given up where a new plan follows."""
        changes = review.outcome == PlanReview.Outcome.CHANGE
        for track in self.tracks:
            dropped = changes and track is self.tracks[-1]
            slow = not dropped and self.more.random() < 0.15
            decision = Decision.DISCONTINUED if dropped else Decision.REVISE if slow else Decision.CONTINUE
            why = {
                Decision.DISCONTINUED: "Life has changed; it is not wanted any more.",
                Decision.REVISE: "The target is too far away; smaller steps.",
            }
            self._add(
                GoalReview(
                    review=review,
                    goal=track.goal,
                    decision=decision,
                    why=why.get(decision, ""),
                    client_rating=None if self.more.random() < 0.2 else self.more.randint(3, 9),
                ),
                day=day,
            )
            for objective in track.objectives:
                if objective.scale:
                    level = min(self.reviews.index(day) - 1, 2)
                    self._add(ObjectiveRating(review=review, objective=objective, level=level), day=day)

    def _put_off(self):
        """The next review was due and moved to the day it is on now."""
        code, due = PUT_OFF.get(self.full_name), self.review_on
        if code is None or due is None:
            return
        day = self.diary.ago(3)
        self._add(
            ReviewExemption(
                plan=self.plan,
                reason=self.house.pick("exemption", code),
                was_on=due - timedelta(days=14),
                moved_to=due,
                note="Back home by then, says the ward.",
                by=self.lead(day),
            ),
            day=day,
        )

    # --- Services of others ------------------------------------------------------------------------------------------

    def _follow(self, track, row):
        """A referral from step to step, and what the plan says of the service."""
        if row.status == S.ASKED and row.next_on and self.more.random() < 0.5:
            row.status = S.BOOKED
        self._walk(row)
        if row.status in (S.RUNNING, S.DONE):
            planned = self._plan_service(track, row)
            self._deliver(planned, row.received_on, row.ended_on or self.last)
            self._interrupt(planned, row)

    def _walk(self, row):
        steps, more = STEPS[row.status], self.more
        end = row.ended_on or min(row.asked_on + timedelta(days=30), self.last)
        span = max((end - row.asked_on).days, 0)
        for n, status in enumerate(steps):
            day = row.asked_on + timedelta(days=span * n // max(len(steps) - 1, 1))
            source = (
                more.choice((Source.CLIENT, Source.PROVIDER, Source.WORKER)) if status in row.VOUCHED else ""
            )
            if status == S.BOOKED:
                row.appointment_at = self.diary.at(day, 10)
            if status == S.RUNNING:
                row.received_on = day
            row.confirmed_by = source or row.confirmed_by
            note = row.note if status == S.FAILED else ""
            self._add(
                ReferralStep(
                    referral=row, status=status, on=day, confirmed_by=source, note=note, by=self.lead(day)
                ),
                day=day,
            )
        if row.status in row.UNMET:
            row.gap = self.house.pick("gap", more.choice(GAPS[row.status]))

    def _plan_service(self, track, row):
        more, start = self.more, max(row.asked_on, self.plan.starts_on)
        payer, approved = self.house.pick("funding", more.choice(("MEDICAID", "COUNTY", "FREE"))), None
        if payer.code == "MEDICAID":
            until = max(self.diary.today + timedelta(days=more.choice((12, 45, 120))), start)
            approved = self._add(
                Authorization(
                    enrollment=self.enrollment,
                    number=f"A-{self.client.number}-{track.domain[:3].upper()}",
                    payer=payer,
                    service=row.service,
                    units=more.choice((12, 24, 48)),
                    starts_on=start,
                    ends_on=until,
                ),
                day=start,
            )
        return self._add(
            PlannedService(
                objective=track.objectives[0],
                service=row.service,
                provider=row.provider,
                referral=row,
                per="week",
                minutes=more.choice((None, 45, 60)),
                starts_on=start,
                weeks=more.choice((12, 16, 26)),
                funding=payer,
                authorization=approved,
                stopped_on=row.ended_on,
            ),
            day=start,
        )

    def _deliver(self, planned, first, until):
        day = max(first, planned.starts_on)
        while day <= until:
            if self.more.random() < 0.75:
                self._add(
                    ServiceDelivered(
                        service=planned,
                        on=day,
                        units=self.more.choice((1, 2)) if planned.authorization else None,
                        confirmed_by=self.more.choice((Source.CLIENT, Source.PROVIDER)),
                        by=self.lead(day),
                    ),
                    day=day,
                )
            day += timedelta(days=14)

    def _own_service(self, track):
        """What we ourselves do by the plan, which the visits count."""
        self._add(
            PlannedService(
                objective=track.objectives[0],
                service="Visits, calls and going along",
                per="week",
                minutes=45,
                starts_on=self.plan.starts_on,
                weeks=26,
                stopped_on=self.ended,
            ),
            day=self.plan.starts_on,
        )

    def _interrupt(self, planned, row):
        """Of the services that run, the first pauses and nobody said so yet; the second ended, with a way on."""
        n, today = self.house.interrupted, self.diary.today
        if row.status != S.RUNNING or n > 1 or self.worker != self.house.staff("wendy"):
            return
        self.house.interrupted += 1
        known = self.diary.ago((5, 40)[n])
        said = (
            {
                "kind": ServiceInterruption.Kind.PAUSE,
                "why": "Their worker is on leave.",
                "stops_on": today + timedelta(days=6),
            },
            {
                "kind": ServiceInterruption.Kind.CHANGE,
                "why": "Fewer hours from this month on.",
                "stops_on": known,
                "notified_on": known,
                "notified_how": ServiceInterruption.How.PHONE,
                "continuity": "The Porch takes over the second afternoon.",
                "closed_on": known + timedelta(days=5),
            },
        )[n]
        self._add(
            ServiceInterruption(
                enrollment=self.enrollment,
                planned=planned,
                referral=row,
                service=row.service,
                known_on=known,
                by=self.lead(known),
                **said,
            ),
            day=known,
        )

    # --- A crisis, and a plan that waits -----------------------------------------------------------------------------

    def _crisis(self):
        """One that goes on: an event, a line in the banner, and a goal that rests."""
        note = CRISES.get(self.full_name)
        if note is None:
            return
        day = self.diary.ago(1)
        said, at = date_format(day, "j M Y"), self.at(day, 15)
        event = KeyEvent(
            client=self.client, enrollment=self.enrollment, kind=KeyEvent.Kind.CRISIS, started_on=day
        )
        alert = Alert(
            client=self.client,
            kind=Alert.Kind.HEALTH,
            text=f"In crisis since {said}",
            started_on=day,
            review_on=day + timedelta(days=7),
        )
        for row in (event, alert):
            self._add(row, at=at)
        crisis = Crisis(enrollment=self.enrollment, started_at=at, note=note, by=self.worker)
        crisis.event, crisis.alert = event, alert
        self._add(crisis, at=at)
        for track in self.tracks[1:]:
            track.goal.paused_on, track.goal.paused_why = day, f"Crisis since {said}"

    def _await(self):
        """A second plan that is ready, and has the person's name, but not yet the supervisor's."""
        if self.full_name not in WAITING:
            return
        self.rng, day, before = self.more, self.last, self.plan
        self.plan = self._add(
            ServicePlan(
                enrollment=self.enrollment,
                number=before.number + 1,
                starts_on=day,
                vision=f"“{stories.STORIES[self.domains[0]].wish}”",
                took_part=before.took_part,
                by=self.worker,
                presented_at=self.at(day),
                presented_by=self.worker,
            ),
            day=day,
        )
        for position, track in enumerate(self.tracks):
            self._goal(track, position, day)
        self._criteria(day)
        self.house.agreed.append((self, self.plan))
