"""What people in the demo agreed to, took back, and what was shared because of it."""

from datetime import timedelta

from casemgmt.agencies.models import ConsentText
from casemgmt.demo import stories
from clients import consents
from clients.models import Consent, Disclosure

Kind = Consent.Kind


class Agreements:
    """Writes consents with everything that the agency's law asks of them; one per agency."""

    def __init__(self, house):
        self.house = house
        self.law = house.agency.privacy_law
        self.texts = {text.kind: text for text in ConsentText.objects.filter(agency=house.agency)}

    def consent(self, client, kind, *, on, by, **said):
        """One consent, explained by this colleague on that day."""
        row = Consent(
            client=client,
            kind=kind,
            text=self.texts[kind],
            language=self.texts[kind].language,
            told=list(consents.statements(kind, self.law)),
            signed_name=client.name,
            taken_by=by,
            given_on=on,
            **said,
        )
        return self.house.add(row, by=by, at=self.house.diary.at(on, 11))

    def outward(self, client, kind, *, on, by, **said):
        """One that lets information go to somebody."""
        usual = {
            "information": "Name, phone, and what is needed from the service",
            "discloser": self.house.agency.name,
        }
        return self.consent(client, kind, on=on, by=by, **usual | said)

    def tell(self, life):
        """Everything that the person of this life was asked."""
        start, today, by = life.enrollment.enrolled_on, self.house.diary.today, life.lead_at_start
        # A few run out soon, so that somebody has to ask again.
        soon = self.house.rng.random() < 0.08
        until = today + timedelta(days=12) if soon else start + timedelta(days=365)
        self.consent(life.client, Kind.SERVICE, on=start, by=by, expires_on=until)
        self.consent(life.client, Kind.NOTICE, on=start, by=by)
        if life.person.way == "text":
            self.consent(life.client, Kind.ELECTRONIC, on=start, by=by, purpose="Reminders by text message")
        if life.program.is_part_2:
            self._of_part_2(life, start, by)
        elif life.worker and self.house.rng.random() < 0.5:
            self._to_a_service(life, start, by)

    def _of_part_2(self, life, start, by):
        """Given: for treatment, payment and operations. Withdrawn: it was for colleagues here."""
        if life.person.consent == "given":
            self.outward(
                life.client,
                Kind.PART2_TPO,
                on=start,
                by=by,
                program=life.program,
                information="Enrollment, plan and attendance in the program",
                purpose=str(consents.TPO_PURPOSE),
                expires_with="End of treatment",
            )
        if life.person.consent == "withdrawn":
            self.outward(
                life.client,
                Kind.PART2_SPECIFIC,
                on=start,
                by=by,
                program=life.program,
                information="Enrollment, plan and attendance in the program",
                purpose="Care together with colleagues of the agency",
                expires_with="End of treatment",
                withdrawn_on=self.house.diary.ago(20),
                withdrawn_why="Said so when we met.",
                withdrawn_by=by,
            )

    def _to_a_service(self, life, start, by):
        """To share with the service of the first need: some runs out soon, some was taken back, most was used."""
        diary, number = self.house.diary, int(life.client.number)
        service, provider, _contact = stories.STORIES[life.domains[0]].service
        until, said = start + timedelta(days=365), {}
        if number % 7 == 0:
            until = diary.today + timedelta(days=9)
        elif number % 7 == 1:
            said = {
                "withdrawn_on": diary.ago(6),
                "withdrawn_why": "Called: does not want them to know any more.",
                "withdrawn_by": by,
            }
        if start > diary.ago(6) or until < start:
            said, until = {}, start + timedelta(days=365)
        consent = self.outward(
            life.client,
            Kind.DISCLOSURE,
            on=start,
            by=by,
            recipient=provider,
            purpose=f"{service}: asking and telling what is needed for it",
            expires_on=until,
            **said,
        )
        if number % 3 == 0:
            self._was_shared(life.client, by, start, consent, provider, consent.information)
        if number % 5 == 0:
            self._was_shared(life.client, by, start, None, life.client.name, "Copy of the plan")

    def _was_shared(self, client, by, on, consent, recipient, information):
        at = self.house.diary.at(on, 15)
        self.house.add(
            Disclosure(
                client=client,
                at=at,
                by=by,
                basis=Disclosure.Basis.CONSENT if consent else Disclosure.Basis.PERSON,
                consent=consent,
                recipient=recipient,
                information=information,
                purpose=consent.purpose if consent else "",
                way="on paper",
            ),
            by=by,
            at=at,
        )
