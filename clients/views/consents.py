"""Pages of what a person agreed to: the list, giving, taking back, a copy; and the account of what was shared."""

from datetime import timedelta

from django.conf import settings
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from casemgmt.agencies.models import ConsentText
from casemgmt.agencies.models.program import ConsentKind
from casemgmt.core.models import Refused
from casemgmt.core.views import check_version, done, form_page, page
from clients import consents
from clients.banner import banner
from clients.forms.consents import ConsentForm, WithdrawForm
from clients.models import Client, Consent, ConsentLacks, Disclosure, Enrollment

READ = ("GET", "HEAD")
MOST_TYPED = 200
ORDER = list(ConsentKind)


@page("client.view", records=True, methods=READ)
def consent_list(request, pk):
    """What holds today and whom it lets see what; what runs out; what ended."""
    client = Client.objects.visible_to(request.staff).select_related("agency").fetch(pk)
    rows = _consents(request).filter(client=client).order_by("-given_on", "-pk")
    rows = [_row(consent) for consent in rows]
    context = {
        "client": client,
        "banner": banner(request, client),
        "in_force": sorted((r for r in rows if r["holds"]), key=lambda r: ORDER.index(r["consent"].kind)),
        "ended": [r for r in rows if not r["holds"]],
        "kinds": _kinds(request, client) if request.staff.may("consent.write") else [],
    }
    return render(request, "clients/consent_list.html", context)


def _consents(request):
    return Consent.objects.visible_to(request.staff).select_related("client__agency", "program")


def _row(consent):
    """A consent as the list shows it: does it hold, until when, and what is wrong with it."""
    soon = timezone.localdate() + timedelta(days=settings.CONSENT_NOTICE_DAYS)
    holds = consent.is_in_force()
    return {
        "consent": consent,
        "holds": holds,
        "whom": consent.whom() if consent.kind in consents.OUTWARD else "",
        "soon": holds and consent.expires_on is not None and consent.expires_on <= soon,
        "incomplete": holds and bool(consent.missing()),
        "ended": consent.why_ended(),
    }


def _kinds(request, client):
    """What may be asked of this person: substance use records only where one sees such an enrollment."""
    enrolled = Enrollment.objects.visible_to(request.staff).filter(client=client, program__is_part_2=True)
    kinds = list(ConsentKind)
    if not enrolled.exists():
        kinds = [kind for kind in kinds if kind not in consents.PART_2]
    return [{"value": kind.value, "label": kind.label} for kind in kinds]


@page("consent.write", records=True)
def consent_give(request, pk):
    """One kind of consent: its text to read aloud, what must be said, what is agreed, and a name under it."""
    client = Client.objects.visible_to(request.staff).select_related("agency").fetch(pk)
    strip = banner(request, client)
    old = _renewed(request, client)
    kind = old.kind if old is not None else _kind(request)
    texts = list(ConsentText.objects.visible_to(request.staff).filter(kind=kind).offered())
    text = _text(request, texts, client)
    initial = ConsentForm.usual(client, kind) | {"text": text, "language": text.language if text else ""}
    if old is not None:
        initial |= _as_before(old)
    elif request.GET.get("to"):
        initial["recipient"] = request.GET.get("to")[:MOST_TYPED]
    form = ConsentForm(request.POST or None, staff=request.staff, client=client, kind=kind, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            consent = Consent.give(client, by=request.staff, kind=kind, **form.elements())
        except ConsentLacks as refused:
            form.lacks(refused)
        else:
            back = _way_back(request, consent)
            if back:
                return done(request, back, message=_("Written down."))
            return done(
                request,
                "clients:consent-detail",
                pk=consent.pk,
                message=_("Written down. Give them a copy: print this page."),
            )
    return form_page(
        request,
        form,
        "clients/consent_form.html",
        banner=strip,
        title=ConsentKind(kind).label,
        text=text,
        others=[row for row in texts if row != text],
        query=f"kind={kind}" if old is None else f"renew={old.pk}",
        statements=[consents.STATEMENTS[key] for key in consents.statements(kind, client.agency.privacy_law)],
        submit=_("They agree"),
        cancel_url=reverse("clients:consent-list", kwargs={"pk": pk}),
    )


def _way_back(request, consent):
    """The page of ours from which somebody came to ask, with the consent's key; "" where they came from none."""
    back = request.GET.get("next", "")
    if not back.startswith("/") or not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return ""
    return f"{back}{'&' if '?' in back else '?'}consent={consent.pk}"


def _kind(request):
    wanted = request.GET.get("kind", "")
    return wanted if wanted in ConsentKind.values else ConsentKind.DISCLOSURE


def _key(said):
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 19 else 0


def _renewed(request, client):
    """The consent that is given anew, when the address names one of this person's."""
    wanted = _key(request.GET.get("renew", ""))
    return _consents(request).filter(client=client, pk=wanted).first() if wanted else None


def _as_before(old):
    """What the old consent said, for the same length of time from today."""
    said = {
        name: getattr(old, name)
        for name in ("program", "recipient", "information", "purpose", "directive", "discloser")
        if getattr(old, name)
    }
    said["colleagues"] = old.kind in consents.WITHIN_AGENCY and not old.recipient
    said |= {"expires_with": old.expires_with, "representative": old.representative_id}
    if old.expires_on is not None:
        said["expires_on"] = timezone.localdate() + (old.expires_on - old.given_on)
    return said


def _text(request, texts, client):
    """The one that was chosen, else in the person's language, else the first; None where the agency has none."""
    wanted = _key(request.GET.get("text", ""))
    chosen = [text for text in texts if text.pk == wanted]
    chosen += [text for text in texts if text.language.casefold() == client.language.casefold()]
    chosen += [text for text in texts if text.language == ConsentText._meta.get_field("language").default]
    return next(iter(chosen + texts), None)


@page("client.view", records=True, methods=READ)
def consent_detail(request, pk):
    """One consent with everything that was said and agreed; printed, it is the person's copy."""
    rows = _consents(request).select_related(
        "client__agency", "program", "text", "representative", "taken_by", "withdrawn_by", "document"
    )
    consent = rows.fetch(pk)
    disclosures = Disclosure.objects.visible_to(request.staff).filter(consent=consent).select_related("by")
    return render(
        request,
        "clients/consent_detail.html",
        {
            "row": _row(consent),
            "consent": consent,
            "banner": banner(request, consent.client),
            "missing": [sentence for _field, sentence in consent.missing()],
            "statements": [consents.STATEMENTS[key] for key in consent.told if key in consents.STATEMENTS],
            "disclosures": list(disclosures[:50]),
            "outward": consent.kind in consents.OUTWARD,
        },
    )


@page("consent.write", records=True)
def consent_withdraw(request, pk):
    """They take it back: from now on it opens nothing."""
    rows = _consents(request)
    consent = (rows.select_for_update(of=("self",)) if request.method == "POST" else rows).fetch(pk)
    strip = banner(request, consent.client)
    form = WithdrawForm(request.POST or None, staff=request.staff)
    form.fields["version"].initial = consent.version
    if form.is_bound:
        check_version(form, consent)
        if form.is_valid():
            try:
                said = form.cleaned_data
                consent.withdraw(by=request.staff, why=said["why"], on=said["on"])
            except Refused as refused:
                form.refuse(refused)
            else:
                return done(
                    request,
                    "clients:consent-list",
                    pk=consent.client_id,
                    message=_("Withdrawn. Nothing more is shared on it."),
                )
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Take it back"),
        intro=f"{consent.get_kind_display()}: {consent.whom()}"
        if consent.kind in consents.OUTWARD
        else consent.get_kind_display(),
        submit=_("Withdraw the consent"),
        danger=True,
        cancel_url=reverse("clients:consent-detail", kwargs={"pk": pk}),
    )


@page("client.view", records=True, methods=READ)
def disclosure_list(request, pk):
    """The account of what was shared: to whom, what, why and on what ground, six years back."""
    client = Client.objects.visible_to(request.staff).fetch(pk)
    rows = Disclosure.objects.visible_to(request.staff).filter(client=client).accounted()
    return render(
        request,
        "clients/disclosure_list.html",
        {
            "client": client,
            "banner": banner(request, client),
            "rows": list(rows.select_related("by", "consent")),
            "years": settings.DISCLOSURE_YEARS,
            "today": timezone.localdate(),
        },
    )
