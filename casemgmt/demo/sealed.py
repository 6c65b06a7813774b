"""The plans of the demo are sealed and signed as by their verbs, once they are written: a seal says what is there."""

from collections import defaultdict

from casemgmt.demo.ledger import Ledger
from clients.models import LegalRepresentative
from serviceplans import sealing
from serviceplans.models import PlanSeal, PlanSignature

Kind, Answer = PlanSignature.Kind, PlanSignature.Answer
VIEWS = ("", "", "", "“I want to look at it again in spring.”", "“Good. Not too much at once.”")


def seal_plans(house):
    """A seal on each plan that was ready, and the names under it."""
    deciding = defaultdict(list)
    for row in house.ledger.rows[LegalRepresentative]:
        if row.for_health and row.document_seen_on:
            deciding[row.client_id].append(row)
    ledger, last = Ledger(house.agency), {}
    for life, plan in house.agreed:
        content = sealing.canonical(sealing.content_of(plan))
        before = last.get(plan.enrollment_id, "")
        seal = PlanSeal(
            plan=plan,
            content=content,
            before=before,
            digest=sealing.digest(content, before),
            made_at=plan.presented_at,
        )
        last[plan.enrollment_id] = seal.digest
        ledger.add(seal)
        for said in _names(house, life, plan, deciding[plan.enrollment.client_id]):
            row = PlanSignature(plan=plan, seal=seal, signed_at=plan.presented_at, **said)
            row.mark = row.marked()
            ledger.add(row)
    ledger.write()


def _names(house, life, plan, deciding):
    """The author, the person, whoever decides for them on that day, and the second signature where it was asked."""
    by, client, day = plan.presented_by, plan.enrollment.client, plan.starts_on
    yield {"kind": Kind.AUTHOR, "staff": by, "typed_name": by.name}
    alone = life.more.random() < 0.9
    yield {
        "kind": Kind.CLIENT,
        "staff": by,
        "answer": Answer.SIGNED if alone else Answer.AGREED,
        "typed_name": client.name,
        "view": life.more.choice(VIEWS),
    }
    for row in deciding:
        in_force = (row.started_on is None or row.started_on <= day) and (
            row.ended_on is None or row.ended_on >= day
        )
        if in_force:
            yield {"kind": Kind.REPRESENTATIVE, "staff": by, "representative": row, "typed_name": row.name}
    if plan.cosigned_at is not None:
        sam = house.staff("sam")
        yield {"kind": Kind.COSIGNER, "staff": sam, "typed_name": sam.name}
