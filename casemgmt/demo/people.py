# ruff: noqa: E501  (a person stays on their lines)
"""Whom the demo agencies serve, and where each of them stands. All are made up; phones end in 555-01xx.

Days count back from today, so that the demo is always of this week.
"""

from dataclasses import dataclass
from types import MappingProxyType

SHE, HE, THEY = "she/her", "he/him", "they/them"

PRONOUNS = MappingProxyType(
    {
        SHE: {"they": "she", "them": "her", "their": "her"},
        HE: {"they": "he", "them": "him", "their": "his"},
        THEY: {"they": "they", "them": "them", "their": "their"},
    }
)


@dataclass(kw_only=True)
class Person:
    """A person and how to reach them; `needs` are domains of life, the first two or three become goals, `!` is urgent."""

    given: str
    family: str
    pronouns: str
    age: int
    needs: str
    chosen: str = ""
    language: str = ""
    interpreter: bool = False
    way: str = ""
    contact_note: str = ""
    address: str = ""
    phone: bool = True


@dataclass(kw_only=True)
class Knocking(Person):
    """Somebody at the front door; `where` is referred, intake, waitlist, refer_out or decline."""

    where: str
    days: int  # since the referral came in
    worker: str | None = None
    program: str = "ccm"
    urgency: str = "routine"
    follow_up: int | None = None  # days from today
    tries: str = ""  # what came of the tries to reach them, in order
    before_others: str = ""  # why, on the waitlist
    expected: int | None = None  # days until a place is free


@dataclass(kw_only=True)
class Served(Person):
    """Somebody enrolled. What is counted in days counts back, save `next` and `review`, which look ahead."""

    program: str
    worker: str | None
    days: int  # since enrolling
    stage: str = "active"
    last: int = 3  # since the last contact
    next: int | None = None  # until the next contact that was agreed; negative: it passed
    every: int = 7  # days between contacts, more or less
    hard_to_reach: bool = False
    draft: bool = False  # the last note is not signed
    review: int | None = None  # until the plan's review
    reassessed: bool = True  # where it has been long enough
    new_plan: bool = False  # a second plan replaced the first
    before: str | None = None  # who was accountable until 20 days ago
    ended: int | None = None  # since the discharge
    why: str = "GOALS_ACHIEVED"
    consent: str = ""  # Part 2: given, withdrawn, or none
    household: str = ""
    restricted: bool = False


WENDY = [
    Served(given="Marisol", family="Vega", pronouns=SHE, age=41, needs="housing money mental_health", language="Spanish",
           program="ccm", worker="wendy", days=236, last=2, next=0, new_plan=True),
    Served(given="Dwayne", family="Prescott", pronouns=HE, age=56, needs="physical_health transport social",
           program="ccm", worker="wendy", days=203, last=4, next=1, way="call", contact_note="Mornings only, hears badly: speak slowly."),
    Served(given="Thuy Linh", family="Pham", pronouns=SHE, age=33, needs="employment family culture", language="Vietnamese",
           interpreter=True, program="ccm", worker="wendy", days=161, last=6, next=0, every=9),
    Served(given="Alexander", family="Moreau", chosen="Lexi", pronouns=SHE, age=27, needs="housing! legal mental_health",
           program="ccm", worker="wendy", days=118, last=1, next=2, way="text", contact_note="No voicemail. Text first.", draft=True),
    Served(given="Henry", family="Okonkwo", pronouns=HE, age=68, needs="daily_living treatment physical_health",
           program="ccm", worker="wendy", days=264, last=5, next=3, review=-9),
    Served(given="Priya", family="Raman", pronouns=SHE, age=29, needs="mental_health education",
           program="ccm", worker="wendy", days=88, last=3, next=4, way="text", review=2),
    Served(given="Calvin", family="Roper", pronouns=HE, age=49, needs="housing substance_use money", address="Mill Street Shelter, ask at the desk",
           program="ccm", worker="wendy", days=142, last=16, next=-9, hard_to_reach=True, way="through",
           contact_note="Phone is often off. Ask at the Mill Street desk, first name only.", phone=False),
    Served(given="Fatima", family="Benali", pronouns=SHE, age=44, needs="food money family", language="Arabic", interpreter=True,
           program="ccm", worker="wendy", days=74, last=5, next=1, draft=True, household="benali", contact_note="Call after 10, not on Fridays."),
    Served(given="Jun", family="Castillo", pronouns=THEY, age=22, needs="education housing social",
           program="rapid", worker="wendy", days=51, last=2, next=0, way="text"),
    Served(given="Rosalind", family="Achterberg", pronouns=SHE, age=73, needs="transport social treatment!",
           program="ccm", worker="wendy", days=191, last=7, next=0, way="call", contact_note="Let it ring ten times.", reassessed=False),
    Served(given="Tyrell", family="Jamison", pronouns=HE, age=31, needs="employment legal",
           program="ccm", worker="wendy", days=133, last=12, next=-3, every=10),
    Served(given="Beatriz", family="Lemos", pronouns=SHE, age=45, needs="mental_health safety! housing", language="Portuguese",
           program="ccm", worker="wendy", days=96, last=1, next=2, way="call",
           contact_note="Never leave a message. Call only between 10 and 2.", address="Not written down, for safety"),
    Served(given="Owen", family="Fairchild", pronouns=HE, age=24, needs="money daily_living",
           program="ccm", worker="wendy", days=41, stage="assessed", last=3, next=3),
    Served(given="Nadezhda", family="Orlova", pronouns=SHE, age=61, needs="culture physical_health", language="Russian", interpreter=True,
           program="ccm", worker="wendy", days=27, stage="enrolled", last=4, next=2),
    Served(given="Marcus", family="Delacroix", pronouns=HE, age=38, needs="housing money",
           program="ccm", worker="wendy", days=35, stage="enrolled", last=6, next=1, contact_note="Works nights; call after 3 pm."),
    Served(given="Imani", family="Waters", pronouns=SHE, age=30, needs="housing employment",
           program="rapid", worker="wendy", days=58, last=3, next=1, review=0),
    Served(given="Gregory", family="Sandoval", pronouns=HE, age=52, needs="treatment transport",
           program="rapid", worker="wendy", days=33, stage="planned", last=5, next=0),
    Served(given="Hyacinth", family="Bowen", pronouns=SHE, age=64, needs="social daily_living",
           program="ccm", worker="wendy", days=252, stage="concluding", last=6, next=3),
    Served(given="Leon", family="Abernathy", pronouns=HE, age=47, needs="housing employment",
           program="ccm", worker="wendy", days=248, stage="discharged", ended=45),
    Served(given="Soledad", family="Marin", pronouns=SHE, age=36, needs="money food", language="Spanish",
           program="rapid", worker="wendy", days=121, stage="discharged", ended=27),
]  # fmt: skip

WALT = [
    Served(given="Chidi", family="Eze", pronouns=HE, age=35, needs="legal employment money",
           program="ccm", worker="walt", days=171, last=3, next=0),
    Served(given="Patrice", family="Lavoie", pronouns=SHE, age=58, needs="daily_living social", language="French",
           program="ccm", worker="walt", days=224, last=5, next=2, household="lavoie"),
    Served(given="Wei", family="Zhang", pronouns=HE, age=47, needs="culture money physical_health", language="Mandarin", interpreter=True,
           program="ccm", worker="walt", days=109, last=2, next=5, every=9),
    Served(given="Darlene", family="Pruitt", pronouns=SHE, age=54, needs="treatment housing",
           program="ccm", worker="walt", days=198, last=13, next=-5, hard_to_reach=True),
    Served(given="Mateo", family="Quispe", pronouns=HE, age=26, needs="education employment", language="Spanish",
           program="ccm", worker="walt", days=66, last=4, next=1, way="text", draft=True),
    Served(given="Renata", family="Kovacs", pronouns=SHE, age=39, needs="mental_health housing social safety!",
           program="ccm", worker="walt", days=83, last=2, next=1, restricted=True,
           contact_note="Record is restricted. Call only the second number.", address="Not written down, for safety"),
    Served(given="Samuel", family="Tsosie-Grant", pronouns=HE, age=43, needs="transport physical_health",
           program="ccm", worker="walt", days=38, stage="planned", last=6, next=2),
    Served(given="Bryce", family="Hollander", pronouns=HE, age=34, needs="substance_use employment",
           program="recovery", worker="walt", days=149, last=6, next=3, every=12, consent="given"),
    Served(given="Jolene", family="Tackett", pronouns=SHE, age=43, needs="substance_use family housing",
           program="recovery", worker="walt", days=187, last=9, next=-2, every=12, consent="none", review=-4),
    Served(given="Emeka", family="Obi", pronouns=HE, age=29, needs="substance_use legal",
           program="recovery", worker="walt", days=95, last=5, next=4, every=12, consent="withdrawn"),
    Served(given="Stephanie", family="Wuertz", pronouns=SHE, age=51, needs="substance_use social",
           program="recovery", worker="walt", days=32, stage="assessed", last=7, next=1, every=12, consent="none"),
    Served(given="Lucille", family="Lavoie", pronouns=SHE, age=81, needs="daily_living family", language="French",
           program="ccm", worker="walt", days=215, stage="discharged", ended=30, why="MOVED", household="lavoie"),
    Served(given="Raymond", family="Castellano", pronouns=HE, age=60, needs="money physical_health",
           program="ccm", worker="walt", days=262, stage="closed", ended=70, why="STEPPED_DOWN"),
]  # fmt: skip

MO = [
    Served(given="Isaiah", family="Thornton", pronouns=HE, age=37, needs="treatment housing mental_health",
           program="act", worker="mo", days=258, last=1, next=1, every=4),
    Served(given="Gloria", family="Benitez", pronouns=SHE, age=49, needs="mental_health daily_living", language="Spanish",
           program="act", worker="mo", days=196, last=2, next=0, every=4, household="benitez"),
    Served(given="Ernesto", family="Benitez", pronouns=HE, age=52, needs="treatment social", language="Spanish",
           program="act", worker="mo", days=180, last=2, next=2, every=5, household="benitez"),
    Served(given="Vincent", family="Ashby", pronouns=HE, age=45, needs="housing! substance_use physical_health",
           program="act", worker="mo", days=127, last=6, next=-1, every=4, hard_to_reach=True, address="Under the river bridge, or the day room"),
    Served(given="Tamsin", family="Oakley", pronouns=THEY, age=28, needs="mental_health education",
           program="act", worker="mo", days=84, last=3, next=1, every=4, way="text"),
    Served(given="Loretta", family="Simms", pronouns=SHE, age=66, needs="physical_health daily_living",
           program="act", worker="mo", days=243, stage="concluding", last=4, next=2, every=5),
    Served(given="Zainab", family="Yusuf", pronouns=SHE, age=32, needs="family employment", language="Somali", interpreter=True,
           program="ccm", worker="mo", days=104, last=5, next=2),
    Served(given="Peter", family="Grzelak", pronouns=HE, age=59, needs="money legal",
           program="ccm", worker="mo", days=71, last=8, next=0, draft=True),
    Served(given="Clyde", family="Merriweather", pronouns=HE, age=70, needs="social transport",
           program="ccm", worker="mo", days=250, stage="closed", ended=95),
    Served(given="Denise", family="Alvarado", pronouns=SHE, age=34, needs="housing substance_use",
           program="act", worker="mo", days=206, stage="discharged", ended=12, why="NOT_LOCATED", every=6, hard_to_reach=True),
]  # fmt: skip

NIA = [
    Served(given="Youssef", family="Benali", pronouns=HE, age=19, needs="education employment", language="Arabic",
           program="ccm", worker="nia", days=26, stage="assessed", last=3, next=1, household="benali", way="text"),
    Served(given="Tomasz", family="Wilk", pronouns=HE, age=40, needs="employment housing", language="Polish",
           program="ccm", worker="nia", days=18, stage="enrolled", last=4, next=0),
    Served(given="Sofia", family="Reyes", pronouns=SHE, age=35, needs="food transport",
           program="ccm", worker="nia", days=136, last=2, next=3, before="mo"),
    Served(given="Arthur", family="Penhaligon", pronouns=HE, age=76, needs="social physical_health",
           program="ccm", worker="nia", days=112, last=5, next=2, before="mo", draft=True),
]  # fmt: skip

UNASSIGNED = [
    Served(given="Bernard", family="Osei", pronouns=HE, age=50, needs="money transport",
           program="ccm", worker=None, days=3, stage="enrolled"),
    Served(given="Yolanda", family="Fitch", pronouns=SHE, age=42, needs="housing family",
           program="ccm", worker=None, days=6, stage="enrolled"),
    Served(given="Nikolai", family="Petrenko", pronouns=HE, age=57, needs="treatment social", language="Ukrainian", interpreter=True,
           program="act", worker=None, days=9, stage="enrolled"),
]  # fmt: skip

FRONT_DOOR = [
    Knocking(given="Desiree", family="Fontenot", pronouns=SHE, age=33, needs="safety! housing", where="referred", days=0, urgency="urgent"),
    Knocking(given="Miguel", family="Prado", pronouns=HE, age=28, needs="housing", where="referred", days=1, urgency="soon", worker="wendy", language="Spanish"),
    Knocking(given="Harriet", family="Blum", pronouns=SHE, age=69, needs="daily_living", where="referred", days=4, tries="no_answer message"),
    Knocking(given="Jamal", family="Everett", pronouns=HE, age=23, needs="employment", where="referred", days=3, worker="walt", way="text"),
    Knocking(given="Noor", family="Rahmani", pronouns=SHE, age=31, needs="culture family", where="referred", days=6, worker="wendy", language="Dari", interpreter=True, tries="no_answer no_answer message"),
    Knocking(given="Terrence", family="Ojo", pronouns=HE, age=46, needs="mental_health money", where="intake", days=9, worker="wendy"),
    Knocking(given="Colleen", family="Dougherty", pronouns=SHE, age=55, needs="substance_use", where="intake", days=12, worker="walt", program="recovery"),
    Knocking(given="Suda", family="Wongsakul", pronouns=SHE, age=38, needs="food employment", where="intake", days=7, worker="mo", language="Thai", interpreter=True),
    Knocking(given="Frank", family="Iverson", pronouns=HE, age=62, needs="housing physical_health", where="waitlist", days=24, worker="wendy", tries="reached", expected=12),
    Knocking(given="Mei", family="Tan", pronouns=SHE, age=26, needs="mental_health", where="waitlist", days=17, worker="mo", program="act"),
    Knocking(given="Gabriela", family="Souza", pronouns=SHE, age=48, needs="transport money", where="waitlist", days=31, worker="walt", language="Portuguese"),
    Knocking(given="Edgar", family="Molina", pronouns=HE, age=53, needs="legal", where="refer_out", days=20, worker="wendy", follow_up=-2),
    Knocking(given="Latoya", family="Greer", pronouns=SHE, age=27, needs="food", where="refer_out", days=12, worker="walt", follow_up=5),
    Knocking(given="Stuart", family="Pell", pronouns=HE, age=44, needs="social", where="decline", days=40, worker="mo"),
    Knocking(given="Abel", family="Whitcomb", pronouns=HE, age=58, needs="housing! physical_health", where="waitlist", days=9, worker="wendy", urgency="urgent",
             before_others="Leaves the hospital on Friday and has no bed.", expected=3),
    Knocking(given="Oksana", family="Hrytsak", pronouns=SHE, age=34, needs="employment culture", where="waitlist", days=38, worker="wendy", language="Ukrainian", tries="message"),
]  # fmt: skip

RIVERSIDE = [*WENDY, *WALT, *MO, *NIA, *UNASSIGNED, *FRONT_DOOR]

LAKESIDE = [
    Served(given="Ingrid", family="Solberg", pronouns=SHE, age=52, needs="housing mental_health",
           program="outreach", worker="lars", days=210, last=3, next=2, every=14),
    Served(given="Darius", family="Cole", pronouns=HE, age=30, needs="legal employment",
           program="outreach", worker="lars", days=155, last=9, next=0, every=14),
    Served(given="Amara", family="Nwosu", pronouns=SHE, age=37, needs="food family",
           program="outreach", worker="lars", days=98, last=5, next=4, every=14),
    Served(given="Everett", family="Blackwood", pronouns=HE, age=64, needs="physical_health social",
           program="outreach", worker="lars", days=60, last=12, next=-1, every=14, draft=True),
    Served(given="Paloma", family="Ibarra", pronouns=SHE, age=25, needs="education", language="Spanish",
           program="outreach", worker="lars", days=22, stage="assessed", last=4, next=3, every=14),
    Served(given="Walter", family="Finch", pronouns=HE, age=71, needs="transport daily_living",
           program="outreach", worker="lars", days=230, stage="discharged", ended=33, every=14),
    Knocking(given="Joanne", family="Kittredge", pronouns=SHE, age=40, needs="housing", where="referred", days=2, program="outreach"),
    Knocking(given="Rafael", family="Bautista", pronouns=HE, age=34, needs="money", where="intake", days=6, worker="lars", program="outreach"),
]  # fmt: skip
