"""What is read aloud before somebody agrees: plain words, to be read by the agency's lawyer first."""

from django.utils.translation import gettext_noop as _

from casemgmt.agencies.models.program import ConsentKind

CONSENT_TEXTS = {
    ConsentKind.SERVICE: _(
        "We offer to work with you on what matters to you: a home, money, health, people. We ask "
        "questions, make a plan with you, and find services.\n\n"
        "You decide. You may say no to any part, choose other providers, ask for somebody else to "
        "work with, or stop. Nothing else that you have a right to depends on this.\n\n"
        "We keep a record. You may read it and have a copy. We keep it to ourselves, save where you "
        "agree, where somebody's life is in danger, or where the law makes us tell."
    ),
    ConsentKind.DISCLOSURE: _(
        "You let us share what is written on this form with whom it names, for the reason it names, "
        "until the day it names.\n\n"
        "You may say no: we work with you all the same. You may take this back at any time by telling "
        "us or writing to us; what was shared before then stays shared. Whoever receives it may pass "
        "it on, and the privacy law may no longer protect it.\n\n"
        "You get a copy of this form."
    ),
    ConsentKind.PART2_TPO: _(
        "Your substance use records are under a federal law of their own, 42 CFR Part 2. You let the "
        "program named here share them with those who treat you, those who pay for it, and those who "
        "help to run the program, for treatment, payment and operations, now and later.\n\n"
        "They may pass it on as the health privacy law HIPAA allows. Nobody may use it against you in "
        "court or in any other proceedings without another consent from you or a court order.\n\n"
        "You may take this back at any time by telling us or in writing. You get a copy."
    ),
    ConsentKind.PART2_SPECIFIC: _(
        "Your substance use records are under a federal law of their own, 42 CFR Part 2. You let the "
        "program named here share what is written on this form with whom it names, for the reason it "
        "names, until the day it names.\n\n"
        "They get a notice that they may not pass it on unless that law allows. You may take this "
        "back at any time by telling us or in writing; what was shared before then stays shared. You "
        "get a copy."
    ),
    ConsentKind.SUD_NOTES: _(
        "Notes that a counselor took in substance use counseling are kept apart, and this form is for "
        "them alone. You let the program named here share those notes with whom the form names, for "
        "the reason it names.\n\n"
        "You may say no, and you may take this back at any time. You get a copy."
    ),
    ConsentKind.LEGAL: _(
        "This form is for one purpose alone: to let substance use records be used in the court case "
        "or other proceedings that it names. What is shared may be used there, also against you. You "
        "may ask a lawyer first.\n\n"
        "You may say no, and you may take this back at any time; what was used before then stays "
        "used. You get a copy."
    ),
    ConsentKind.ELECTRONIC: _(
        "You let us write to you by text message or e-mail. We keep messages short and leave out what "
        "others should not read, but whoever uses your phone or account may see them, and so may the "
        "company that carries them.\n\n"
        "You may stop this at any time, and we call or write instead. In an emergency do not text: "
        "call."
    ),
    ConsentKind.RESEARCH: _(
        "You are asked whether what we know of you may be used in the study named here. Somebody "
        "explains what the study wants to find out, what it would use, and who would see it.\n\n"
        "You decide freely. Whether you take part or not changes nothing in your service, and you may "
        "leave the study at any time without a reason."
    ),
    ConsentKind.OBSERVER: _(
        "A second colleague would come along when we meet, to learn or to help. They keep what they "
        "hear to themselves, as we do.\n\n"
        "You may say no, today or at any time, and nothing else changes. You may also ask them to "
        "leave while we talk about something."
    ),
    ConsentKind.NOTICE: _(
        "You have been given our privacy notice. It says how we use and share what we know of you, "
        "what your rights are, and whom to ask or complain to. You need not agree with it; this only "
        "says that you got it."
    ),
}
