"""One period of service in the demo, from enrolling to where it stands today."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from assessments.domains import OPEN_RATINGS, Domain, Priority, Rating, severity
from assessments.models import Administration, AdministrationSignature, DomainRating, Need, Strength
from casemgmt.demo import stories
from casemgmt.demo.front_door import domains_of, say
from casemgmt.demo.thread import SCALES, Thread
from casemgmt.demo.visits import Visits
from clients.models import (
    AftercareFollowUp,
    CaseAssignment,
    Discharge,
    DischargeSignature,
    Lifeline,
    StageChange,
)
from clients.pipeline import ORDER, Stage
from serviceplans.models import (
    Goal,
    GoalNeed,
    NeedLeft,
    Objective,
    PlanAction,
    PlanReview,
    ServicePlan,
    ServiceReferral,
)

HANDOVER = 20  # days ago, for people who changed their worker
REASSESS_AFTER = 174


class Track:
    """One goal through all plans it stands in, and how far it gets by today."""

    def __init__(self, domain, reach):
        self.domain, self.reach, self.told = domain, reach, None
        self.goal = self.objectives = None

    def value(self, share, rng):
        """What is counted when this share of the time has passed, with the ups and downs of life."""
        outcome = self.objectives[0]
        way = outcome.target - outcome.baseline
        moved = self.reach * share**0.8 + rng.uniform(-0.12, 0.06)
        return outcome.baseline + Decimal(round(way * Decimal(min(max(moved, 0), 1))))


class Life(Thread, Visits):
    """Writes everything about one enrollment into the house's ledger."""

    def __init__(self, house, person, enrollment):
        self.house, self.rng, self.diary = house, house.rng, house.diary
        self.person, self.enrollment, self.client = person, enrollment, enrollment.client
        self.program = enrollment.program
        self.domains, self.urgent = domains_of(person)
        self.worker = house.staff(person.worker)
        self.before = house.staff(person.before)
        self.needs, self.strengths = {}, {}
        self.plan, self.tracks = None, []
        self.told = set()  # sentences used already
        self._set_days()
        self._begin_thread()

    # --- When -----------------------------------------------------------------------------------------------------

    def _set_days(self):
        person, rng, diary = self.person, self.rng, self.diary
        start, pace = self.enrollment.enrolled_on, min(1, person.days / 60)
        self.ended = diary.ago(person.ended) if person.ended else None
        self.last = self.ended or diary.ago(person.last)
        reached = ORDER.index(Stage(person.stage))
        after = lambda day, least, most: diary.workday(  # noqa: E731
            min(day + timedelta(days=max(2, round(rng.randint(least, most) * pace))), self.last)
        )
        self.days = {Stage.ENROLLED: start}
        self.days[Stage.ASSESSED] = after(start, 8, 20)
        self.days[Stage.PLANNED] = after(self.days[Stage.ASSESSED], 6, 12)
        self.days[Stage.ACTIVE] = after(self.days[Stage.PLANNED], 3, 8)
        end = self.ended or diary.today
        self.days[Stage.CONCLUDING] = diary.workday(end - timedelta(days=rng.randint(14, 20)))
        if self.ended:
            self.days[Stage.DISCHARGED] = self.ended
            closed = self.ended + timedelta(days=self.program.aftercare_days + rng.randint(0, 3))
            self.days[Stage.CLOSED] = diary.workday(closed)
        self.days = {stage: day for stage, day in self.days.items() if ORDER.index(stage) <= reached}
        self.handover = diary.ago(HANDOVER) if self.before else None
        self._set_reviews(end)
        again = self.days.get(Stage.ASSESSED, end) + timedelta(
            days=rng.randint(REASSESS_AFTER, REASSESS_AFTER + 6)
        )
        self.again = diary.workday(again) if person.reassessed and again <= self.last else None

    def _set_reviews(self, end):
        """Each 90 days or so; the next one lies ahead, or is late where the person's line says so."""
        self.reviews, self.review_on = [], None
        planned, every = self.days.get(Stage.PLANNED), self.program.review_every_days
        if planned is None:
            return
        left = every - (end - planned).days % every
        if self.person.review is None:
            self.review_on = end + timedelta(days=left)
        else:
            self.review_on = max(self.diary.today + timedelta(days=self.person.review), planned)
        day = self.review_on - timedelta(days=every)
        while day > planned + timedelta(days=20):
            self.reviews.insert(0, min(self.diary.workday(day), self.last))
            day -= timedelta(days=every)

    def lead(self, day):
        """Who was accountable on this day."""
        return self.before if self.handover and day < self.handover else self.worker

    def at(self, day, hour=17):
        return self.diary.at(day, hour)

    # --- The whole ------------------------------------------------------------------------------------------------

    def tell(self):
        """Everything from the first day to now."""
        self._assign()
        self._levels()
        self.house.agreements.tell(self)
        if self.worker is not None:
            for day in self._visit_days():
                self._day(day)
        self._services()
        if self.ended:
            self._discharge()
        self._crisis()
        self._put_off()
        self._await()
        self._stages()

    def _day(self, day):
        """One day on which the two met, or tried to: first what was done, then the visit that tells of it."""
        kind = ""
        if day == self.days.get(Stage.ASSESSED):
            kind = "assessment"
            self._assess(day, first=True)
        if day == self.days.get(Stage.PLANNED):
            kind = "planning"
            self._new_plan(day)
        if day == self.again:
            kind = "assessment"
            self._assess(day, first=False)
        if day in self.reviews:
            kind = "review"
            self._review(day)
        self._visit(day, kind)

    def _assign(self):
        start, by = self.enrollment.enrolled_on, self.house.staff("sam")
        if self.worker is None:
            return
        first = self.before or self.worker
        closed = self.days.get(Stage.CLOSED)
        self._add(
            CaseAssignment(
                enrollment=self.enrollment,
                staff=first,
                started_on=start,
                ended_on=self.handover or closed,
                assigned_by=by,
            ),
            day=start,
            by=by,
        )
        if self.before:
            self._add(
                CaseAssignment(
                    enrollment=self.enrollment, staff=self.worker, started_on=self.handover, assigned_by=by
                ),
                day=self.handover,
                by=by,
            )

    @property
    def lead_at_start(self):
        """Who explained things on the first day: who was accountable then, or who took the person in."""
        return self.before or self.worker or self.house.staff("sam")

    def _stages(self):
        here = Stage(self.person.stage)
        steps = list(self.days.items())
        for (before, _day), (stage, day) in pairwise(steps):
            self._add(
                StageChange(
                    enrollment=self.enrollment,
                    from_stage=before,
                    to_stage=stage,
                    on=day,
                    by=self.lead(day),
                    at=self.at(day),
                )
            )
        self.enrollment.stage = here
        self.enrollment.staged_on = self.days[here]
        self.enrollment.ended_on = self.ended

    def _add(self, row, *, day=None, by=None, at=None):
        by = by or self.lead(day or self.enrollment.enrolled_on) or self.house.staff("sam")
        return self.house.add(row, by=by, at=at or (self.at(day) if day else None))

    # --- Assessment -----------------------------------------------------------------------------------------------

    def _assess(self, day, *, first):
        by, at = self.lead(day), self.at(day)
        row = self._add(
            Administration(
                enrollment=self.enrollment,
                held_on=day,
                by=by,
                signed_at=at,
                informants=self.rng.choice(
                    ("", "", "A sister", "The shelter", "Discharge letter of the hospital")
                ),
                summary=self._summary(first),
            ),
            day=day,
        )
        self._add(AdministrationSignature(administration=row, staff=by, typed_name=by.name, signed_at=at))
        for domain in Domain:
            rating = self._rate(row, domain, first)
            self._add(rating, day=day)
            self._take_need(rating, day)
            self._take_strength(rating, day)

    def _summary(self, first):
        named = ", ".join(str(d.label).lower() for d in self.domains)
        if first:
            return self._say(
                f"{{name}} asks for support with {named}. Knows well what helps and what does not."
            )
        return self._say(
            f"Half a year on, with a look back at {named}. {{name}} sees more change than the form shows."
        )

    def _rate(self, row, domain, first):
        story, rng = stories.STORIES[domain], self.rng
        ours, urgent = domain in self.domains, domain in self.urgent
        if not ours:
            worker = rng.choices((Rating.NONE, Rating.MET, Rating.UNKNOWN), (60, 34, 6))[0]
            client = worker if rng.random() < 0.8 else rng.choice((Rating.NONE, Rating.MET))
        elif first:
            worker = Rating.URGENT if urgent else Rating.UNMET
            client = worker if rng.random() < 0.6 else rng.choice((Rating.UNMET, Rating.MET))
        else:
            better = rng.random() < (0.4 if urgent else 0.55)
            worker = Rating.MET if better else Rating.UNMET
            client = worker if rng.random() < 0.75 else Rating.MET
        open_now = severity(worker, client) in OPEN_RATINGS
        comment = ""
        if ours:
            comment = (story.urgent if first and urgent else story.seen) if open_now else story.better
        strong = domain in self.strengths or (first and rng.random() < (0.7 if ours else 0.08))
        return DomainRating(
            administration=row,
            domain=domain,
            worker_rating=worker,
            client_rating=client,
            comment=self._say(comment),
            strength=self._say(story.strength) if strong else "",
            goal_wish=story.wish if ours and open_now else "",
            barrier=self.house.pick("barrier") if ours and open_now and rng.random() < 0.6 else None,
            is_risk=ours and open_now and (urgent or domain in (Domain.SAFETY, Domain.SUBSTANCE_USE)),
            priority=self._priority(domain) if ours and open_now else None,
        )

    def _priority(self, domain):
        """As the person ordered the parts of life when asked."""
        return Priority(min(self.domains.index(domain) + 1, Priority.LATER))

    def _take_need(self, rating, day):
        """As Need.take_from does, on rows that are not written yet."""
        grave, need = rating.severity, self.needs.get(rating.domain)
        if grave is None:
            return
        if grave not in OPEN_RATINGS:
            if need is not None and need.met_on is None:
                need.met_on = day
            return
        if need is None or need.met_on is not None:
            need = self._add(Need(enrollment=self.enrollment, domain=rating.domain, seen_on=day), day=day)
            self.needs[rating.domain] = need
        elif need.severity != grave:
            need.severity_before = need.severity
        need.severity, need.rating, need.is_risk = grave, rating, rating.is_risk
        need.words, need.goal_wish = rating.comment[:300], rating.goal_wish
        need.barrier, need.priority = rating.barrier, rating.priority or need.priority

    def _take_strength(self, rating, day):
        if rating.strength and rating.domain not in self.strengths:
            row = Strength(
                enrollment=self.enrollment, domain=rating.domain, text=rating.strength, seen_on=day
            )
            self.strengths[rating.domain] = self._add(row, day=day)

    # --- Plan -----------------------------------------------------------------------------------------------------

    def _new_plan(self, day):
        """The first plan, from the first three needs, or the one that follows it, from the goals that still hold."""
        before = self.plan
        if before is None:
            # Those who finish have come far; of the others some have just begun.
            reach = (
                {"GOALS_ACHIEVED": 1.0, "STEPPED_DOWN": 0.9}.get(self.person.why, 0.35)
                if self.ended
                else None
            )
            self.tracks = [Track(d, reach or self.rng.uniform(0.3, 0.95)) for d in self.domains[:3]]
        else:
            before.ended_on = day
            dropped = self.tracks.pop()
            dropped.goal.ended_on, dropped.goal.result = day, Goal.Result.DROPPED
        by, at = self.lead(day), self.at(day)
        self.plan = self._add(
            ServicePlan(
                enrollment=self.enrollment,
                number=before.number + 1 if before else 1,
                starts_on=day,
                review_on=self.review_on,
                vision=f"“{stories.STORIES[self.domains[0]].wish}”",
                took_part=self.person.chosen or self.person.given,
                by=by,
                presented_at=at,
                presented_by=by,
                cosigned_at=at if self.program.cosigns_plans else None,
                signed_at=at,
            ),
            day=day,
        )
        self.house.agreed.append((self, self.plan))
        for position, track in enumerate(self.tracks):
            self._goal(track, position, day)
        self._own_service(self.tracks[0])
        self._criteria(day)
        taken = {track.domain for track in self.tracks}
        for domain in [d for d, need in self.needs.items() if need.met_on is None and d not in taken]:
            self._add(
                NeedLeft(
                    plan=self.plan,
                    need=self.needs[domain],
                    why=NeedLeft.Why.OTHER_PROVIDER,
                    note=self._say(stories.LEFT_FOR_OTHERS),
                ),
                day=day,
            )

    def _goal(self, track, position, day):
        story = stories.STORIES[track.domain]
        track.goal = self._add(
            Goal(
                plan=self.plan,
                title=story.goal,
                why=story.outcome[6],
                agreement=self._agreement(position),
                strength=self.strengths.get(track.domain) or next(iter(self.strengths.values()), None),
                position=position,
            ),
            day=day,
        )
        self._add(GoalNeed(goal=track.goal, need=self.needs[track.domain]), day=day)
        self._in_the_way(track, day)
        told = [(story.outcome, Objective.Indicator.OUTCOME)]
        if position == 0 or self.rng.random() < 0.4:
            told.append((story.output, Objective.Indicator.OUTPUT))
        track.objectives = [
            self._add(
                Objective(
                    goal=track.goal,
                    text=self._say(text),
                    indicator=indicator,
                    measure=measure,
                    unit=unit,
                    baseline=Decimal(now),
                    target=Decimal(target),
                    target_on=day + timedelta(days=self.rng.choice((90, 120, 150, 180))),
                    achievable=can,
                    relevant=matters,
                    scale=list(SCALES.get(self.full_name, ())) if position == n == 0 else [],
                    every_days=30,
                    position=n,
                ),
                day=day,
            )
            for n, ((text, measure, unit, now, target, can, matters), indicator) in enumerate(told)
        ]
        for n, action in enumerate(story.actions if self.plan.number == 1 else ()):
            self._action(track.objectives[min(n, len(track.objectives) - 1)], action, day)
        replaced = self.person.new_plan and self.plan.number == 1
        if position == 0 and not (self.ended or replaced) and day < self.diary.ago(20):
            ahead = self.diary.today + timedelta(days=self.rng.randint(-1, 13))
            self._action(track.objectives[0], self.rng.choice(stories.NEXT_ACTIONS), day, due_on=ahead)

    def _action(self, objective, action, day, due_on=None):
        text, who = action
        mine, rng, led = who == "worker", self.rng, self._lead_of(who)
        worker = self.worker
        if mine:
            who = worker.name
        elif who == "person":
            who = self.client.name
        newest, due = due_on is not None, due_on or day + timedelta(days=rng.randint(8, 45))
        done = None
        if not newest and due < self.diary.today - timedelta(days=4) and rng.random() < 0.985:
            done = max(day, min(due + timedelta(days=rng.randint(-6, 6)), self.last))
        self._add(
            PlanAction(
                objective=objective,
                text=self._say(text),
                who=who,
                staff=worker if mine else None,
                **led,
                due_on=due,
                done_on=done,
            ),
            day=day,
        )

    def _review(self, day):
        found, view = self.rng.choice(stories.REVIEWS)
        outcome = PlanReview.Outcome.CONTINUE
        changes = self.person.new_plan and day == self.reviews[-1]
        if changes:
            (found, view), outcome = stories.REVIEW_CHANGE, PlanReview.Outcome.CHANGE
        elif Stage.CONCLUDING in self.days and day == self.reviews[-1]:
            (found, view), outcome = stories.REVIEW_CONCLUDE, PlanReview.Outcome.CONCLUDE
        later = [other for other in self.reviews if other > day]
        review = self._add(
            PlanReview(
                plan=self.plan,
                reviewed_on=day,
                outcome=outcome,
                summary=self._say(found),
                client_view=view,
                next_on=later[0] if later else self.review_on,
                by=self.lead(day),
            ),
            day=day,
        )
        self._review_goals(review, day)
        if changes:
            self._new_plan(day)

    # --- Services of others, and the end ------------------------------------------------------------------------------

    def _services(self):
        """Services of others, for the goals that others have a part in."""
        planned = self.days.get(Stage.PLANNED)
        if planned is None:
            return
        rng, S, today = self.rng, ServiceReferral.Status, self.diary.today
        for track in self.tracks:
            if rng.random() > 0.7:
                continue
            service, provider, contact = stories.STORIES[track.domain].service
            asked = min(planned + timedelta(days=rng.randint(2, 20)), self.last)
            age, row = (today - asked).days, None
            row = ServiceReferral(
                enrollment=self.enrollment,
                service=service,
                provider=provider,
                contact=contact,
                phone=f"{self.house.area} 555 01{rng.randint(70, 99)}",
                need=self.needs[track.domain],
                asked_on=asked,
                status=rng.choice((S.ASKED, S.WAITING))
                if age < 40
                else rng.choices((S.RUNNING, S.DONE, S.FAILED, S.DECLINED), (7, 3, 1, 1))[0],
            )
            if row.is_over:
                row.ended_on = min(asked + timedelta(days=rng.randint(20, 60)), self.last)
                row.note = "Their list is closed until spring." if row.status == S.FAILED else ""
            elif self.ended is None and (age < 40 or rng.random() < 0.2):
                row.next_on = today + timedelta(days=rng.randint(-1, 16))
            self._add(row, day=asked)
            self._follow(track, row)

    def _discharge(self):
        person, rng, day = self.person, self.rng, self.ended
        by, at = self.lead(day), self.at(day)
        lost = person.why == "NOT_LOCATED"
        months = max(round((day - self.enrollment.enrolled_on).days / 30), 1)
        named = " and ".join(str(d.label).lower() for d in self.domains)
        row = self._add(
            Discharge(
                enrollment=self.enrollment,
                discharged_on=day,
                disposition=self.house.pick("disposition", person.why),
                was_planned=not lost,
                reason="" if lost else "Agreed together at the last plan review.",
                summary=say(stories.SUMMARIES[person.why], person, domains=named, months=months),
                unmet_needs=", ".join(str(n) for n in self.needs.values() if n.met_on is None),
                client_comment="" if lost else rng.choice(stories.COMMENTS),
                reentry=stories.REENTRY,
                no_lifeline_reason=stories.NO_LIFELINE if lost else "",
                signed_at=at,
            ),
            day=day,
        )
        self._add(DischargeSignature(discharge=row, staff=by, typed_name=by.name, signed_at=at))
        for name, purpose in [] if lost else rng.sample(stories.LIFELINES, rng.choice((1, 2, 2))):
            phone = f"{self.house.area} 555 01{rng.randint(70, 99)}"
            line = Lifeline(
                discharge=row,
                name=self._say(name),
                phone=phone,
                purpose=purpose,
                confirmed_on=day - timedelta(days=4),
            )
            self._add(line, day=day)
        for track in self.tracks:
            if track.goal.ended_on is None:
                R = Goal.Result
                track.goal.ended_on = day
                track.goal.result = (
                    R.MET if track.reach > 0.95 else R.PARTLY if track.reach > 0.5 else R.NOT_MET
                )
        closed = self.days.get(Stage.CLOSED)
        follow = AftercareFollowUp(
            discharge=row,
            due_on=day + timedelta(days=self.program.aftercare_days),
            assigned_to=by,
            done_on=closed,
        )
        if closed:
            follow.outcome = AftercareFollowUp.Outcome.WELL
            follow.note = self._say("Reached by phone. {name} is well; both lifelines hold.")
        self._add(follow, day=closed or day)
