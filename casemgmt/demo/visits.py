"""The visits of one period of service in the demo: when, how, with whom, what was said and how goals moved."""

from datetime import timedelta

from casemgmt.demo import stories
from casemgmt.demo.front_door import say
from clients.models import Visit, VisitAddendum, VisitParticipant, VisitSignature
from clients.pipeline import Stage
from serviceplans.models import Goal, GoalProgress

_V = Visit
_Step = GoalProgress.Step


class Visits:
    """The part of a `Life` that tells of its visits."""

    @property
    def is_outside(self):
        """Lives where there is no door to ring at."""
        return self.person.address.startswith(("Mill", "Under"))

    def _visit_days(self):
        """From the last contact back, at the person's rhythm, and the days on which something was signed."""
        start, day = self.enrollment.enrolled_on, self.last
        days = {
            start,
            *self.reviews,
            *(self.days[s] for s in (Stage.ASSESSED, Stage.PLANNED) if s in self.days),
        }
        if self.again:
            days.add(self.again)
        while day > start:
            days.add(day)
            loose = 2.2 if self.person.hard_to_reach and self.rng.random() < 0.3 else 1
            day = self.diary.workday(
                day - timedelta(days=max(2, round(self.rng.gauss(1, 0.25) * self.person.every * loose)))
            )
            while day > start and self.diary.is_full(day, self.lead(day)):
                day = self.diary.workday(day - timedelta(days=1))
        # Two of one week that came too close are one.
        special = {start, self.last, self.again, *self.reviews, *self.days.values()}
        kept = []
        for day in sorted(d for d in days if d <= self.last):
            if day in special or not kept or (day - kept[-1]).days >= 2:
                kept.append(day)
        if self.person.hard_to_reach and not self.ended:
            kept.append(self.diary.ago(self.person.last // 2))
        self.plan_of_days = sorted(set(kept))
        return self.plan_of_days

    def _visit(self, day, kind):
        rng, visit = self.rng, _V(enrollment=self.enrollment)
        lead, last = self.lead(day), day == self.last
        tried = day > self.last
        visit.outcome = self._outcome(kind or last or day == self.enrollment.enrolled_on, tried)
        self._way(visit, kind)
        kept = visit.outcome == _V.Outcome.KEPT
        alone = kept and not kind and not last and visit.mode == _V.Mode.PHONE and rng.random() < 0.3
        visit.held_with = _V.With.COLLATERAL if alone else _V.With.CLIENT
        visit.service_type = self.house.service_type(self._service_code(kind, visit, day))
        joint = self._joint(visit, day, lead, kind)
        people = [lead] + [staff for staff, _role, _code in joint]
        visit.started_at = self.diary.take(day, visit.direct_minutes + visit.travel_minutes, *people)
        visit.note = self._note(visit, kind, day, joint)
        visit.next_on = self._next_on(day)
        self._sign(visit, day, lead, draft=self.person.draft and last)
        self._add(visit, at=visit.signed_at or visit.started_at + timedelta(minutes=5), by=lead)
        self._add(
            VisitParticipant(visit=visit, staff=lead, minutes=visit.direct_minutes),
            at=visit.started_at,
            by=lead,
        )
        for staff, role, code in joint:
            self._add(
                VisitParticipant(visit=visit, staff=staff, role=role, minutes=visit.direct_minutes),
                at=visit.started_at,
                by=lead,
            )
            self.house.joint_visits.append((visit, code, lead))
        if kept and self.plan and day > self.plan.starts_on and not alone:
            self._progress(visit, day)

    def _outcome(self, certain, tried):
        O = _V.Outcome  # noqa: E741
        if tried:
            return O.NOT_REACHED
        if certain:
            return O.KEPT
        odds = (58, 14, 22, 6) if self.person.hard_to_reach else (87, 4, 5, 4)
        return self.rng.choices((O.KEPT, O.NO_SHOW, O.NOT_REACHED, O.CANCELLED), odds)[0]

    def _way(self, visit, kind):
        rng, M = self.rng, _V.Mode
        if visit.outcome == _V.Outcome.NOT_REACHED:
            visit.mode = M.PHONE
        elif visit.outcome == _V.Outcome.NO_SHOW or kind:
            visit.mode = M.IN_PERSON
        else:
            odds = (85, 10, 0, 5) if self.is_outside else (66, 26, 3, 5)
            visit.mode = rng.choices((M.IN_PERSON, M.PHONE, M.VIDEO, M.MESSAGE), odds)[0]
        if visit.mode == M.IN_PERSON:
            visit.place = self._place()
            visit.travel_minutes = 0 if visit.place == _V.Place.OFFICE else rng.randrange(10, 40, 5)
        if visit.outcome == _V.Outcome.KEPT:
            longest = {M.IN_PERSON: (30, 80), M.PHONE: (8, 30), M.VIDEO: (20, 45), M.MESSAGE: (3, 10)}[
                visit.mode
            ]
            visit.direct_minutes = rng.randint(*longest) + (25 if kind in ("assessment", "planning") else 0)
            visit.documentation_minutes = rng.choice((5, 8, 10, 10, 15))
        else:
            visit.documentation_minutes = 3

    def _place(self):
        P = _V.Place
        if self.is_outside:
            return self.rng.choice((P.SHELTER, P.SHELTER, P.COMMUNITY))
        if self.person.address.startswith("Not written"):
            return self.rng.choice((P.COMMUNITY, P.OFFICE))
        return self.rng.choices((P.HOME, P.COMMUNITY, P.OFFICE, P.FACILITY, P.OTHER), (50, 20, 20, 6, 4))[0]

    def _service_code(self, kind, visit, day):
        if kind:
            return {"assessment": "ASSESSMENT", "planning": "PLANNING", "review": "PLANNING"}[kind]
        if visit.held_with == _V.With.COLLATERAL:
            return "COLLATERAL"
        if self.plan is None or visit.outcome != _V.Outcome.KEPT:
            return "OUTREACH"
        if day >= self.days.get(Stage.CONCLUDING, self.diary.today):
            return "TRANSITION"
        codes = ("MONITORING", "LINKAGE", "SUPPORT", "ADVOCACY", "SKILLS", "ACCOMPANIMENT")
        along = (9, 5) if visit.mode == _V.Mode.IN_PERSON else (0, 0)
        return self.rng.choices(codes, (45, 22, 12, 7, *along))[0]

    def _joint(self, visit, day, lead, kind):
        """Mo and Nia together, since they are a pair: first she watches, then both, then he."""
        pair, rng = self.house.pairing, self.rng
        if pair is None or visit.mode != _V.Mode.IN_PERSON or visit.outcome != _V.Outcome.KEPT:
            return []
        if day <= pair.started_on or lead not in (pair.mentor, pair.mentee) or self.person.restricted:
            return []
        R = VisitParticipant.Role
        if lead == pair.mentor:
            return [(pair.mentee, R.SHADOWING, "SHADOW")] if rng.random() < 0.45 else []
        if rng.random() > 0.75:
            return []
        if day < self.diary.ago(12):
            return [(pair.mentor, R.CO_LEAD, "CO_VISIT")]
        return [(pair.mentor, R.OBSERVING, "OBSERVE")]

    def _next_on(self, day):
        if day >= self.last:
            ahead = self.person.next if day == self.last and not self.ended else None
            return None if ahead is None else self.diary.today + timedelta(days=ahead)
        if self.rng.random() < 0.3:
            return None
        return next((other for other in self.plan_of_days if other > day), None)

    def _sign(self, visit, day, lead, *, draft):
        if draft:
            visit.note = self._say(self.rng.choice(stories.HALF_NOTES)) if self.rng.random() < 0.6 else ""
            return
        late = visit.outcome == _V.Outcome.KEPT and self.rng.random() < 0.04
        visit.signed_at = self.diary.signed_after(visit.ended_at, late=late)
        self._add(VisitSignature(visit=visit, staff=lead, typed_name=lead.name, signed_at=visit.signed_at))
        if visit.outcome == _V.Outcome.KEPT and self.rng.random() < 0.012:
            written = min(visit.signed_at + timedelta(hours=20), self.diary.now - timedelta(minutes=2))
            text = self._say(stories.LATE_ADDENDUM)
            self._add(VisitAddendum(visit=visit, author=lead, text=text, written_at=written))

    # --- Words ----------------------------------------------------------------------------------------------------

    def _say(self, text):
        service = stories.STORIES[self.domains[0]].service
        return say(
            text, self.person, service=service[1] if self.rng.random() < 0.5 else "Northside Health Center"
        )

    def _next_of(self, sentences):
        """The first that was not said for this person yet, so that a story runs in order; None when all are told."""
        left = [s for s in sentences if s not in self.told]
        self.told.update(left[:1])
        return left[0] if left else None

    def _any_of(self, sentences):
        """One that was not said for a long while."""
        left = [s for s in sentences if s not in self.told]
        if not left:
            self.told.difference_update(sentences)
        chosen = self.rng.choice(left or sentences)
        self.told.add(chosen)
        return chosen

    def _note(self, visit, kind, day, joint):
        if visit.outcome != _V.Outcome.KEPT:
            pool = {
                _V.Outcome.NO_SHOW: stories.NO_SHOW.get(visit.place) or stories.NO_SHOW["elsewhere"],
                _V.Outcome.NOT_REACHED: stories.NOT_REACHED,
                _V.Outcome.CANCELLED: stories.CANCELLED,
            }[visit.outcome]
            return self._say(self.rng.choice(pool))
        if visit.held_with == _V.With.COLLATERAL:
            return self._say(self._any_of(stories.COLLATERAL))
        parts = [self.rng.choice(stories.OPENINGS[visit.place or visit.mode])]
        if self.person.interpreter:
            parts.append(self.rng.choice(stories.INTERPRETED))
        parts += [stories.JOINT[code] for _staff, _role, code in joint]
        signed = {
            "assessment": stories.ASSESSMENT_VISIT,
            "planning": stories.PLAN_VISIT,
            "review": stories.REVIEW_VISIT,
        }
        parts.append(signed[kind] if kind else self._matter(visit, day))
        if visit.mode != _V.Mode.MESSAGE:
            parts.append(self.rng.choice(stories.CLOSINGS))
        return self._say(" ".join(part for part in parts if part))

    def _matter(self, visit, day):
        """What the visit was about: the person's own story as far as it has come, else what any week brings."""
        if visit.mode == _V.Mode.MESSAGE:
            return self._any_of(stories.IN_WRITING)
        if day <= self.enrollment.enrolled_on + timedelta(days=14):
            first = self._next_of(stories.FIRST_VISITS)
            if first:
                return first
        if visit.mode != _V.Mode.IN_PERSON:
            return self._any_of(stories.BY_PHONE)
        share = (day - self.enrollment.enrolled_on).days / max(
            (self.last - self.enrollment.enrolled_on).days, 1
        )
        far = {track.domain: track.reach * share for track in self.tracks}
        told = None
        if self.rng.random() < 0.75:
            domain = self.rng.choice(self.domains[:3])
            story = stories.STORIES[domain]
            if far.get(domain, 0) > 0.55:
                told = self._next_of(story.late)
            elif share > 0.25 and self.plan:
                told = self._next_of(story.middle)
            else:
                told = self._next_of(story.early)
        return told or self._any_of(stories.EVERYDAY)

    def _progress(self, visit, day):
        rng = self.rng
        begun = self.days[Stage.PLANNED]
        share = (day - begun).days / max((self.last - begun).days, 1)
        open_tracks = [t for t in self.tracks if t.goal.ended_on is None]
        if not open_tracks or rng.random() > 0.65:
            return
        for track in rng.sample(open_tracks, min(len(open_tracks), rng.choice((1, 1, 2)))):
            objective, value = track.objectives[0], track.value(share, rng)
            told = objective.baseline if track.told is None else track.told
            up = objective.target > objective.baseline
            if value == objective.target:
                step = _Step.MET
            elif value == told:
                step = _Step.SAME
            else:
                step = _Step.FORWARD if (value > told) == up else _Step.BACK
            track.told = value
            self._add(
                GoalProgress(visit=visit, goal=track.goal, objective=objective, step=step, value=value),
                at=visit.signed_at or visit.started_at,
                by=self.lead(day),
            )
            # One goal stays open, or there would be nothing left to come for.
            if step == _Step.MET and share > 0.7 and len(open_tracks) > 1:
                track.goal.ended_on, track.goal.result = day, Goal.Result.MET
                open_tracks = [t for t in open_tracks if t is not track]
