"""What the demo writes with: rows collected in memory, and a diary that keeps people from being in two places."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from assessments.models import (
    Administration,
    AdministrationSignature,
    Answer,
    Concern,
    DomainRating,
    Need,
    ProgramInstrument,
    Response,
    ResponseSignature,
    StaffResponse,
    Strength,
)
from casemgmt.agencies.models import (
    CalendarFeed,
    Credential,
    DailyMail,
    EligibilityCriterion,
    Indicator,
    NotePhrase,
    ReportingDeadline,
)
from casemgmt.core.models import AppendOnly, create_many
from clients.models import (
    AftercareFollowUp,
    Alert,
    Benefit,
    CaseAssignment,
    CheckIn,
    Client,
    ConflictOfInterest,
    Consent,
    Consultation,
    Crisis,
    CriterionAnswer,
    Discharge,
    DischargeSignature,
    Disclosure,
    Document,
    DocumentFile,
    EligibilityDecision,
    EmergencyAccess,
    Enrollment,
    Household,
    HouseholdMember,
    Identifier,
    IncidentReport,
    IncidentSubmitted,
    IncomingReferral,
    Intake,
    KeyEvent,
    LegalPaper,
    LegalRepresentative,
    LevelDecision,
    Lifeline,
    LivingArrangement,
    MandatedReport,
    MandatedSubmitted,
    Milestone,
    OtherName,
    OtherWorker,
    OutreachContact,
    PlannedVisit,
    RelatedPerson,
    ResourceOffered,
    RestrictedTo,
    SafetyPlan,
    Snooze,
    StageChange,
    Visit,
    VisitActivity,
    VisitAddendum,
    VisitCorrection,
    VisitParticipant,
    VisitQuestion,
    VisitSignature,
    VisitValue,
)
from mentoring.models import ActivityKind, MentoringActivity
from serviceplans.models import (
    Authorization,
    BilledVisit,
    BillingLine,
    BillingRun,
    CoveredWork,
    DischargeCriterion,
    EnrollmentFunding,
    FundingSource,
    Goal,
    GoalBarrier,
    GoalNeed,
    GoalProgress,
    GoalReview,
    NeedLeft,
    Objective,
    ObjectiveRating,
    PlanAction,
    PlannedService,
    PlanReview,
    PlanSeal,
    PlanSignature,
    ReferralStep,
    ReviewExemption,
    ServiceDelivered,
    ServiceInterruption,
    ServicePlan,
    ServiceReferral,
    WorkedDay,
)

# What is pointed at comes before what points.
ORDER = [
    Credential,
    EligibilityCriterion,
    NotePhrase,
    Indicator,
    ReportingDeadline,
    CalendarFeed,
    DailyMail,
    WorkedDay,
    FundingSource,
    CoveredWork,
    ProgramInstrument,
    Client,
    Household,
    HouseholdMember,
    RestrictedTo,
    ConflictOfInterest,
    OtherName,
    Identifier,
    RelatedPerson,
    LegalRepresentative,
    OtherWorker,
    Benefit,
    LivingArrangement,
    Alert,
    SafetyPlan,
    LegalPaper,
    Consent,
    Disclosure,
    EmergencyAccess,
    IncomingReferral,
    Intake,
    Enrollment,
    EligibilityDecision,
    CriterionAnswer,
    ResourceOffered,
    OutreachContact,
    Milestone,
    CaseAssignment,
    StageChange,
    LevelDecision,
    KeyEvent,
    Crisis,
    Visit,
    VisitParticipant,
    VisitSignature,
    VisitAddendum,
    VisitActivity,
    VisitQuestion,
    VisitValue,
    VisitCorrection,
    Document,
    DocumentFile,
    PlannedVisit,
    CheckIn,
    Consultation,
    Snooze,
    IncidentReport,
    IncidentSubmitted,
    MandatedReport,
    MandatedSubmitted,
    Response,
    ResponseSignature,
    Answer,
    Concern,
    StaffResponse,
    Administration,
    AdministrationSignature,
    DomainRating,
    Need,
    Strength,
    ServiceReferral,
    ReferralStep,
    Authorization,
    EnrollmentFunding,
    BillingRun,
    BillingLine,
    BilledVisit,
    ServicePlan,
    PlanSeal,
    PlanSignature,
    DischargeCriterion,
    NeedLeft,
    Goal,
    GoalNeed,
    GoalBarrier,
    Objective,
    PlanAction,
    PlannedService,
    ServiceDelivered,
    ServiceInterruption,
    GoalProgress,
    PlanReview,
    GoalReview,
    ObjectiveRating,
    ReviewExemption,
    Discharge,
    DischargeSignature,
    Lifeline,
    AftercareFollowUp,
    MentoringActivity,
    ActivityKind,
]


class Ledger:
    """The rows of one agency, each in the name of who wrote it and of the day they did."""

    def __init__(self, agency):
        self.agency = agency
        self.rows = {model: [] for model in ORDER}

    def add(self, row, *, by=None, at=None):
        """Keep a row for `write`; `by` and `at` are what its history says."""
        row.agency = self.agency
        row._history_user = by
        if at is not None:
            row._history_date = at
        self.rows[type(row)].append(row)
        return row

    def write(self):
        """Write everything, and its history."""
        for model, rows in self.rows.items():
            if issubclass(model, AppendOnly):
                model.objects.bulk_create(rows, batch_size=500)
            else:
                create_many(model, rows)


class Diary:
    """Working days and hours, and who is where."""

    def __init__(self, rng):
        self.rng = rng
        self.now = timezone.now()
        self.today = timezone.localdate()
        self._taken = set()

    def ago(self, days):
        """A working day, this many days back or just before."""
        return self.workday(self.today - timedelta(days=days))

    def workday(self, day):
        """The day itself, or the Friday before a weekend."""
        return day - timedelta(days=max(day.weekday() - 4, 0))

    def at(self, day, hour, minute=0):
        """A moment of a day, never in the future."""
        moment = timezone.make_aware(datetime.combine(day, time(hour, minute)))
        return min(moment, self.now - timedelta(minutes=20))

    def take(self, day, minutes, *staff):
        """When all of these have time on this day for so long; the time is theirs then."""
        needed = range(-(-max(minutes, 1) // 30))
        starts = list(range(18, 34))  # half hours, from nine to five
        self.rng.shuffle(starts)
        starts += [17, 16, 15, *range(34, 42)]  # a full day begins early or ends late
        free = (
            s for s in starts if not any((p.pk, day, s + n) in self._taken for p in staff for n in needed)
        )
        start = next(free, 42)
        self._taken.update((p.pk, day, start + n) for p in staff for n in needed)
        return self.at(day, start // 2, start % 2 * 30)

    def is_full(self, day, staff):
        """Six hours are taken already."""
        return sum((staff.pk, day, half) in self._taken for half in range(48)) >= 12

    def signed_after(self, ended, *, late=False):
        """When a note was signed: mostly within the hour, now and then the next day; `late` is days after."""
        minutes = self.rng.choice((10, 15, 20, 25, 40, 60, 90, 150, 16 * 60, 19 * 60))
        wait = timedelta(hours=self.rng.randint(60, 110)) if late else timedelta(minutes=minutes)
        return max(min(ended + wait, self.now - timedelta(minutes=5)), ended)
