# ruff: noqa: E501  (a sentence stays on its line)
"""What people in the demo live through, in words as a case manager would write them. Everything here is made up.

`{name}` is the name the person goes by, `{they}`, `{them}`, `{their}` their pronouns; sentences stand in the past tense
so that they read well with any of them. Nobody's diagnosis, and nothing that a person would not want to read.
"""

from dataclasses import dataclass

from assessments.domains import Domain


@dataclass(frozen=True)
class Story:
    """One part of life: what the assessment found, what was agreed, and what the visits were about."""

    seen: str
    urgent: str
    better: str
    wish: str
    goal: str
    strength: str
    # text, measure, unit, now, target, why it can be done, why it matters
    outcome: tuple
    output: tuple
    # (what, who): who is "worker", "person" or somebody else by name
    actions: tuple
    early: tuple
    middle: tuple
    late: tuple
    # service, provider, contact
    service: tuple


STORIES = {
    Domain.HOUSING: Story(
        seen="Stays with a cousin until the end of the month; an eviction two years ago makes landlords say no.",
        urgent="Has to leave on Friday. Called the housing hotline together; a bed is held for three nights.",
        better="Has a lease for twelve months and the rent is paid to the landlord directly.",
        wish="A door that locks and a kitchen of my own.",
        goal="I want my own place where I can close the door.",
        strength="Paid rent on time for nine years before the hospital stay.",
        outcome=(
            "Sleeps in a place of {their} own",
            "nights in own place a month",
            "nights",
            0,
            28,
            "The voucher application is in, and two landlords take it.",
            "“I cannot think straight on somebody's couch.”",
        ),
        output=(
            "Applications to landlords are sent together",
            "applications sent",
            "applications",
            0,
            6,
            "One a week is possible.",
            "Each one is a chance.",
        ),
        actions=(
            ("Collect the birth certificate and pay stubs for the voucher", "person"),
            ("Call the two landlords on the voucher list", "worker"),
            ("Write the letter about the old eviction together", "worker"),
        ),
        early=(
            "Went through what the housing office wants. {name} has the social security card; the birth certificate is missing and we ordered it.",
            "{name} talked about the months on other people's couches. We wrote down what a place needs: ground floor, near the bus, a lock.",
            "Filled in the voucher application at the kitchen table, page by page, with breaks.",
        ),
        middle=(
            "Saw a one-bedroom on Alder Street. {name} liked the light, less the stairs. The landlord wants a reference; I write it this week.",
            "The landlord on Pine Street said no because of the old eviction. {name} took it hard, then helped me put the appeal letter into plain words.",
            "Looked at the budget for rent and power. With the heating program it can work.",
            "Housing office confirmed that the file is complete. {name} asked twice whether that is really true, and read the letter aloud.",
        ),
        late=(
            "{name} showed me the new curtains. Rent for this month is paid; the neighbor upstairs has been friendly.",
            "Went over the lease once more: what to report, and to whom. {name} put the landlord's number on the fridge.",
            "First full month in the apartment. {name} slept well “most nights”.",
        ),
        service=("Housing voucher", "County Housing Office", "Ms. Farrow"),
    ),
    Domain.FOOD: Story(
        seen="Food runs out in the last week of the month; skips meals so that the children can eat.",
        urgent="Nothing in the house today. Went to the pantry together and brought three days of food home.",
        better="Food stamps are back and last the month; cooks most evenings.",
        wish="Not to count slices of bread.",
        goal="I want enough food in the house until the end of the month.",
        strength="Cooks well from very little, and teaches it to others.",
        outcome=(
            "Has food in the house through the last week",
            "days without a proper meal a month",
            "days",
            8,
            0,
            "Food stamps can be restored, the pantry is in walking distance.",
            "“When I eat I can deal with the rest.”",
        ),
        output=("Food stamp papers are handed in", "papers handed in", "papers", 0, 4, "Two are at hand.", "It starts the benefit."),
        actions=(
            ("Hand in the food stamp renewal", "person"),
            ("Ask the pantry about home delivery", "worker"),
        ),
        early=(
            "Food stamps stopped because a form went to the old address. We filled in the renewal and {name} signed it.",
            "{name} said that the last week of the month is the hard one. Made a list of the two pantries that ask for no papers.",
        ),
        middle=(
            "Walked to Eastbank Pantry together; {name} met the coordinator and now knows the hours.",
            "The benefit card was loaded on the 4th as promised. {name} cooked lentils while we talked about the rest of the plan.",
            "{name} brought the letter from the county: approved for six months.",
        ),
        late=(
            "Cupboards are full enough for this week and next. {name} gave a jar of soup to the neighbor.",
            "{name} has begun to help at the pantry on Thursdays and likes being on the giving side.",
        ),
        service=("Food pantry", "Eastbank Pantry", "Lou, coordinator"),
    ),
    Domain.MONEY: Story(
        seen="Disability benefit was stopped in spring; lives on odd jobs and owes two months of power.",
        urgent="Power is to be cut on Monday. Called the utility together; the cut is held for 30 days.",
        better="Benefit is paid again, with back pay, and a payee helps with the bills.",
        wish="To know on the first what I can spend until the thirty-first.",
        goal="I want a steady income and no more red letters.",
        strength="Keeps every letter, in order, in one folder.",
        outcome=(
            "Pays the month's bills when they are due",
            "bills paid on time a month",
            "bills",
            1,
            5,
            "The appeal has good reasons, and a payee is willing.",
            "“Red letters make me want to hide.”",
        ),
        output=("Benefit appeal and its papers are handed in", "papers handed in", "papers", 0, 5, "Records are ordered.", "The income hangs on it."),
        actions=(
            ("Order the medical records for the appeal", "worker"),
            ("Bring all letters of the last year", "person"),
            ("Agree on a payment plan with the utility", "worker"),
        ),
        early=(
            "Opened the letters together and sorted them in three piles: answer now, keep, throw away. {name} laughed at the size of the third.",
            "Called the benefits line from my phone; 40 minutes on hold. The appeal is noted and the papers are on their way.",
            "Made a list of what comes in and goes out. {name} knew every number by heart.",
        ),
        middle=(
            "The county asked for one more statement. {name} dictated, I wrote, we both read it twice.",
            "Payment plan with the utility: 25 dollars a month. {name} paid the first rate and kept the receipt in the folder.",
            "Went to the bank and opened an account without fees.",
            "Benefit decision is expected in three weeks. Spoke about what to do if it is a no.",
        ),
        late=(
            "Back pay arrived. {name} paid the power bill first and bought good shoes.",
            "All bills of this month are paid. {name} did the calls alone and told me afterwards.",
        ),
        service=("Benefits appeal", "Harbor Legal Aid", "Mr. Dunne"),
    ),
    Domain.LEGAL: Story(
        seen="Has a hearing next month about an old fine and does not know whether to appear.",
        urgent="Was served papers yesterday with a date this week. Legal aid gave an appointment for tomorrow.",
        better="The fine is settled in rates and the court date is behind {them}.",
        wish="To stop looking over my shoulder.",
        goal="I want the court matter off my back.",
        strength="Shows up: has not missed one court date.",
        outcome=(
            "Open court matters are settled",
            "open matters",
            "matters",
            3,
            0,
            "Legal aid has taken it on.",
            "“Then I can apply for jobs without a stomach ache.”",
        ),
        output=("Appointments with legal aid are kept", "appointments kept", "appointments", 0, 4, "The office is on the bus line.", "The lawyer needs the story first-hand."),
        actions=(("Bring the court papers to legal aid", "person"), ("Ask for a ride on the day of the hearing", "worker")),
        early=(
            "Read the court letter together. {name} had understood it as a warrant; it is an invitation to a hearing.",
            "Called legal aid; first appointment on Tuesday. {name} wrote three questions on a card.",
        ),
        middle=(
            "Met the lawyer together. She explained the rate plan; {name} asked good questions and signed the release.",
            "Practised what to say at the hearing, twice. {name} decided to wear the grey jacket.",
            "The state id arrived. Copied it for the file.",
        ),
        late=(
            "Hearing went well: rates of 20 dollars and no further conditions. {name} was relieved and tired.",
            "Second rate is paid. One old matter was dismissed.",
        ),
        service=("Legal advice", "Harbor Legal Aid", "Ms. Quintero"),
    ),
    Domain.PHYSICAL_HEALTH: Story(
        seen="Blood sugar goes up and down; has not seen a doctor for over a year.",
        urgent="Felt faint and had chest pain this morning. Called 911 together and stayed until they came.",
        better="Has a doctor to trust and checks the sugar every morning.",
        wish="To walk to the park and back again.",
        goal="I want to get my health back in order so that I can walk again.",
        strength="Quit smoking alone, eleven months ago.",
        outcome=(
            "Walks outside on most days",
            "days a week with a walk",
            "days",
            1,
            5,
            "The park is two blocks away and the knee allows ten minutes.",
            "“Walking is when my head gets quiet.”",
        ),
        output=("Appointments with the doctor are kept", "appointments kept", "appointments", 0, 4, "Rides are arranged.", "The medicine needs adjusting."),
        actions=(("Register at the health center", "worker"), ("Write down the morning sugar", "person")),
        early=(
            "Registered with the health center by phone. {name} asked for a doctor who takes time; they noted it.",
            "{name} talked about the knee and the bad summer. Agreed to start with ten minutes, not with the park.",
        ),
        middle=(
            "Went along to the doctor. {name} had the sugar notebook ready; the dose was changed.",
            "The new shoes from the clinic fit. {name} walked me to the corner and back.",
            "Lab results are better than feared. {name} wants to hear it from the doctor, too; appointment made.",
        ),
        late=(
            "{name} walked to the park on four days this week. No chest pain since spring.",
            "Checked the pill box and the notebook: complete. {name} explained the numbers to me.",
        ),
        service=("Primary care", "Northside Health Center", "Front desk"),
    ),
    Domain.MENTAL_HEALTH: Story(
        seen="Sleeps three or four hours; hears voices when alone and is frightened by them at night.",
        urgent="Spoke of not wanting to live. Made a safety plan, called 988 together, sister stays tonight.",
        better="Sleeps six hours, voices are quieter, knows the early signs.",
        wish="One quiet evening.",
        goal="I want calmer nights and days that I can plan.",
        strength="Notices early when things get worse, and says so.",
        outcome=(
            "Sleeps through the night more often",
            "nights a week with six hours of sleep",
            "nights",
            1,
            5,
            "Slept well before, with a routine.",
            "“If I sleep, I can do the rest.”",
        ),
        output=("Appointments with the therapist are kept", "appointments kept", "appointments", 0, 8, "Tele-visits are possible.", "It is the one place to say everything."),
        actions=(
            ("Call the clinic for an earlier appointment", "worker"),
            ("Keep the sleep diary", "person"),
            ("Ask the sister whether she can be called at night", "person"),
        ),
        early=(
            "A long first talk about the nights. {name} chose what to tell and what to leave for later, which was fine.",
            "Wrote down early signs and what helps: shower, radio, call the sister. {name} keeps the card in the wallet.",
            "{name} would like a therapist who speaks plainly. I called three; one has room in four weeks.",
        ),
        middle=(
            "Sleep diary shows four better nights. {name} links it to walking after supper.",
            "Hard week: voices louder since the letter from the county. We read the card of early signs; {name} called the clinic in my presence.",
            "First appointment with the therapist took place. {name} said, “She did not write the whole time.”",
            "Talked about the fear of the bus in the evening. Tried the first three stops together.",
        ),
        late=(
            "Two calm weeks. {name} plans a day trip and has told the therapist about it.",
            "{name} noticed the early signs on Sunday, called the sister, slept there and was fine on Monday.",
        ),
        service=("Therapy", "Northside Counseling", "Dr. Levin's office"),
    ),
    Domain.SUBSTANCE_USE: Story(
        seen="Drinks most evenings since the separation and wants to cut down; has done so before.",
        urgent="Shook and was confused in the morning. Went to the emergency department together.",
        better="Eleven weeks with at most one drinking day a week; has a group that fits.",
        wish="Evenings that I remember.",
        goal="I want to be sober enough to be there for my kids.",
        strength="Was sober for four years, and knows what worked then.",
        outcome=(
            "Has more days without a drink",
            "days a week without alcohol",
            "days",
            2,
            7,
            "Four sober years are proof.",
            "“My daughter asks me every Sunday.”",
        ),
        output=("Goes to the group", "meetings a month", "meetings", 0, 6, "The evening group is around the corner.", "Company makes it easier."),
        actions=(("Visit two groups and choose one", "person"), ("Ask the doctor about medicine against craving", "worker")),
        early=(
            "{name} said openly how much it is at present. We talked about what the four sober years looked like.",
            "Looked at groups: {name} prefers a small one without speeches. Two addresses, one for Wednesday.",
        ),
        middle=(
            "{name} went to the Wednesday group and stayed to the end. Three dry days in a row.",
            "A slip on Saturday. {name} called me on Monday without being asked. We looked at what came before it.",
            "Doctor offered medicine against craving; {name} wants to think about it until next week.",
        ),
        late=(
            "Five weeks. {name} brought cake to the group.",
            "{name} spent Sunday with the daughter. “I remember all of it.”",
        ),
        service=("Recovery group", "Second Wind Group", "Alma, host"),
    ),
    Domain.TREATMENT: Story(
        seen="Medicine runs out before each refill because the pharmacy changed; side effects make {them} skip days.",
        urgent="Has been without medicine for five days. The clinic wrote an emergency refill; picked it up together.",
        better="Refills come by mail, side effects are less since the change of dose.",
        wish="Medicine that does not make me foggy.",
        goal="I want to take my medicine without feeling foggy.",
        strength="Trusts the pharmacist on Main Street, who knows the whole history.",
        outcome=(
            "Takes the medicine as agreed",
            "days a week taken as agreed",
            "days",
            3,
            7,
            "A weekly box has worked before.",
            "“When I stop I land in hospital.”",
        ),
        output=("Refills are picked up before the last day", "refills on time", "refills", 0, 4, "Mail delivery exists.", "No gap, no bad week."),
        actions=(("Set up refills by mail", "worker"), ("Write down side effects for the doctor", "person")),
        early=(
            "Looked at the bottles together; two were from the old pharmacy. {name} called them to move the rest.",
            "{name} described the fog in the mornings. We wrote it down in {their} words for the prescriber.",
        ),
        middle=(
            "Went along to the prescriber. Dose moved to the evening; {name} felt heard.",
            "Filled the weekly box together. Thursday was missed; {name} knew why.",
            "Refill came by mail for the first time, two days early.",
        ),
        late=(
            "A month without a missed day. {name} fills the box alone on Sundays.",
            "Fog is nearly gone. {name} wants to read again and asked for the library hours.",
        ),
        service=("Psychiatric medicine", "Northside Counseling", "Nurse Imhof"),
    ),
    Domain.SAFETY: Story(
        seen="A former partner turns up at the door; sleeps with the light on.",
        urgent="Threatened at the door last night. Police report made together; stays with a friend, number is withheld.",
        better="Lock is changed, order is in place, and has slept with the light off.",
        wish="To hear steps and not freeze.",
        goal="I want to feel safe at home.",
        strength="Told two neighbors, who look out for {them}.",
        outcome=(
            "Feels safe at home on more days",
            "days a week feeling safe at home",
            "days",
            1,
            6,
            "Locks are changed, neighbors know.",
            "“Home should be the place where I breathe.”",
        ),
        output=("Steps of the safety plan are done", "steps done", "steps", 0, 5, "Two are done already.", "Each step takes fear away."),
        actions=(("Have the lock changed", "Building manager"), ("Go to the advocate about the order", "person")),
        early=(
            "Met outside the home as agreed. {name} chose the library. Wrote a safety plan; no paper goes home.",
            "Talked with the advocate on speaker. {name} decides at {their} own pace about the order.",
        ),
        middle=(
            "The lock was changed this morning. {name} gave the second key to the neighbor.",
            "Order was granted for six months. {name} keeps a copy with the friend, not at home.",
            "A quiet fortnight. {name} left the light off for two nights.",
        ),
        late=(
            "{name} came by bus alone for the first time since winter.",
            "Went through the safety plan; two numbers have changed. {name} feels “mostly fine, not naive”.",
        ),
        service=("Advocacy and safe housing", "Lantern House", "Advocate on duty"),
    ),
    Domain.DAILY_LIVING: Story(
        seen="Dishes and laundry pile up; the stove was left on twice this month.",
        urgent="Gas was left open yesterday. The gas company closed it; meals come from the center until it is fixed.",
        better="Has a weekly rhythm; the aide comes on Tuesdays.",
        wish="To let people in again without shame.",
        goal="I want to keep my home so that I can have visitors.",
        strength="Was a housekeeper for twenty years and has clear standards.",
        outcome=(
            "The kitchen and bath are usable through the week",
            "days a week with a usable kitchen",
            "days",
            2,
            6,
            "An aide for two hours makes the start easier.",
            "“My sister has not been inside for a year.”",
        ),
        output=("The aide comes", "hours of help a month", "hours", 0, 8, "Hours are approved.", "Two hands more."),
        actions=(("Apply for a home aide", "worker"), ("Choose one corner for each day", "person")),
        early=(
            "{name} let me see the kitchen. We began with the sink and left the rest for another day.",
            "Applied for an aide; {name} wants a woman, if possible, and no uniform.",
        ),
        middle=(
            "The aide came for the first time. {name} found her “quick, but kind”.",
            "A timer for the stove is in place. {name} set it alone while I watched.",
            "Laundry is done for the second week in a row. Sunday remains the hard day.",
        ),
        late=(
            "{name}'s sister came for coffee. The good cups were out.",
            "The weekly list hangs on the door, all ticked.",
        ),
        service=("Home aide", "Kindly Home Care", "Mrs. Bello"),
    ),
    Domain.EMPLOYMENT: Story(
        seen="Lost the warehouse job in the hospital weeks; applies, but never hears back.",
        urgent="Last pay comes on Friday and nothing after it. Called the county about emergency aid together.",
        better="Works twenty hours at the garden center and wants to stay.",
        wish="A reason to set the alarm.",
        goal="I want a job that I can keep.",
        strength="Never late in four years at the warehouse.",
        outcome=(
            "Works regular hours",
            "paid hours a week",
            "hours",
            0,
            20,
            "Two employers nearby take part-time people.",
            "“I am somebody who works.”",
        ),
        output=("Applications are sent", "applications sent", "applications", 0, 10, "The resume is nearly done.", "Without asking there is no answer."),
        actions=(("Finish the resume at the job center", "person"), ("Call the garden center about part-time work", "worker")),
        early=(
            "Wrote the resume together. {name} had left out the two years of caring for {their} mother; now they are in.",
            "Spoke about which hours are good. Mornings, and not alone in a big hall.",
        ),
        middle=(
            "Job center put {name} on the list for the garden center. Practised the first phone call.",
            "Interview took place. {name} said what {they} needed: a short break each two hours. They nodded.",
            "Two refusals this week. {name} wrote one more application the same day.",
        ),
        late=(
            "Third week at the garden center. Feet hurt, mood is good.",
            "{name} spoke with the manager alone about a change of shift.",
        ),
        service=("Supported employment", "Gateway Job Center", "Mr. Aho"),
    ),
    Domain.EDUCATION: Story(
        seen="Left school at sixteen and wants the diploma; reading long forms is hard.",
        urgent="Will be dropped from the course tomorrow unless a form is in. Sent it together, receipt is here.",
        better="Passed two of four tests and has a tutor.",
        wish="To sign my own papers because I have read them.",
        goal="I want to finish my diploma.",
        strength="Learns fast by listening and doing.",
        outcome=(
            "Passes the tests of the diploma",
            "tests passed",
            "tests",
            0,
            4,
            "The tutor thinks one each two months is fair.",
            "“My son should see me do it.”",
        ),
        output=("Goes to class", "classes a month", "classes", 0, 8, "Evening class is near.", "Practice makes the test easier."),
        actions=(("Enroll in the evening class", "person"), ("Ask the college about a fee waiver", "worker")),
        early=(
            "Looked at the course plan. {name} chose to start with mathematics because it needs the fewest words.",
            "Fee waiver is requested. {name} read the form aloud, I only helped with two words.",
        ),
        middle=(
            "{name} passed the first test and sent me a photo of the paper.",
            "Missed two classes because of the night shift. Spoke with the teacher together; there is a Saturday group.",
            "The tutor lends an audio book. {name} listens on the bus.",
        ),
        late=(
            "Two tests done. {name} explains percentages to {their} son.",
            "College counselor met {name}; next term is planned.",
        ),
        service=("Adult education", "Riverside Evening College", "Ms. Trent"),
    ),
    Domain.TRANSPORT: Story(
        seen="Two buses and a long walk to the clinic; misses one appointment in three.",
        urgent="No way to dialysis tomorrow. Arranged a ride by phone; confirmed for 7:30.",
        better="Has a reduced-fare card and books rides alone.",
        wish="To come and go when I want.",
        goal="I want to get to my appointments on my own.",
        strength="Knows the bus lines of the whole county.",
        outcome=(
            "Gets to appointments",
            "appointments reached a month",
            "appointments",
            2,
            6,
            "Rides can be booked two days ahead.",
            "“I do not want to beg for lifts.”",
        ),
        output=("Rides are booked ahead", "rides booked a month", "rides", 0, 6, "The line has an app and a phone.", "A booked ride comes."),
        actions=(("Send the form for the reduced-fare card", "worker"), ("Book the next two rides", "person")),
        early=(
            "Filled in the form for the reduced-fare card. {name} had the photo ready.",
            "Tried the ride line together. {name} did the second call alone.",
        ),
        middle=(
            "The card arrived. We rode to the clinic and back; {name} chose the seat behind the driver.",
            "Ride did not come on Thursday. {name} complained, politely and firmly; they apologised.",
        ),
        late=(
            "All appointments of the month were reached. {name} visits the library as well now.",
            "{name} booked rides for the whole month alone.",
        ),
        service=("Medical rides", "County Ride Line", "Booking desk"),
    ),
    Domain.FAMILY: Story(
        seen="Cares for a mother with memory loss and two children; has had no free day since winter.",
        urgent="The mother was found outside at night. Called the county's elder line together; a nurse comes tomorrow.",
        better="Respite on two afternoons; the brother takes Sundays.",
        wish="Two hours that are only mine.",
        goal="I want to care for my family without going under.",
        strength="A family that eats together every evening.",
        outcome=(
            "Has time without caring for others",
            "free hours a week",
            "hours",
            0,
            6,
            "Respite is approved, the brother is willing.",
            "“If I fall, everything falls.”",
        ),
        output=("Respite afternoons take place", "afternoons a month", "afternoons", 0, 8, "The day center has a place.", "It must be regular to help."),
        actions=(("Visit the day center with the mother", "person"), ("Talk with the brother about Sundays", "person"), ("Ask for respite hours", "worker")),
        early=(
            "{name} told me who does what at home. The list had one name on nearly every line.",
            "Asked the county about respite. {name} doubts that {their} mother will go; we plan a visit for coffee first.",
        ),
        middle=(
            "The visit at the day center went better than feared. {name}'s mother sang along.",
            "Family meeting at the kitchen table: the brother takes every second Sunday.",
            "School called about the younger child. {name} and I prepared the talk with the teacher.",
        ),
        late=(
            "{name} slept on Tuesday afternoon, “just like that”.",
            "Respite is running. {name} meets a friend on Fridays.",
        ),
        service=("Respite care", "Maple Day Center", "Mrs. Oyelaran"),
    ),
    Domain.SOCIAL: Story(
        seen="Talks to nobody for days since the move; used to sing in a choir.",
        urgent="Has not eaten or left the room for three days, says it makes no difference. Clinic saw {them} today.",
        better="Goes to the drop-in twice a week and has two phone numbers to call.",
        wish="That somebody notices if I do not come.",
        goal="I want people around me again.",
        strength="People open up to {them}, also strangers on the bus.",
        outcome=(
            "Spends time with others",
            "days a week with company",
            "days",
            1,
            4,
            "The drop-in is close and quiet in the mornings.",
            "“I used to be the loud one.”",
        ),
        output=("Goes to the drop-in", "visits a month", "visits", 0, 6, "First visit together.", "The second is easier."),
        actions=(("Go to the drop-in together once", "worker"), ("Call the old choir", "person")),
        early=(
            "Talked about the choir. {name} hummed the first line and stopped. We left it there.",
            "Went to the drop-in together and stayed for one coffee, as agreed.",
        ),
        middle=(
            "{name} went to the drop-in alone and played two rounds of dominoes.",
            "A neighbor knocked to ask for sugar. {name} called it the event of the week.",
            "Choir rehearsals begin in a month; {name} wrote the date on the calendar.",
        ),
        late=(
            "{name} could not meet on Thursday: rehearsal. Met on Friday instead.",
            "{name} keeps the list of birthdays at the drop-in.",
        ),
        service=("Drop-in center", "The Porch", "Whoever is at the desk"),
    ),
    Domain.CULTURE: Story(
        seen="Gets letters in a language that is slow to read; misses the community of the old town.",
        urgent="Signed something at the door that {they} did not understand. Called the company together and cancelled.",
        better="Has found the congregation, and asks for interpreters without apology.",
        wish="To be understood the first time.",
        goal="I want to understand what is decided about me.",
        strength="Speaks three languages and reads music.",
        outcome=(
            "Has an interpreter at appointments",
            "appointments a month with an interpreter",
            "appointments",
            0,
            4,
            "The clinic must provide one; it has to be asked for.",
            "“My son should not translate such things.”",
        ),
        output=("Letters are read together", "letters read a month", "letters", 0, 6, "Once a week is enough.", "No letter stays closed."),
        actions=(("Have “needs an interpreter” written in the clinic's file", "worker"), ("Visit the congregation on a Sunday", "person")),
        early=(
            "With the interpreter on the phone we read all letters of the month. Two were advertising, one was important.",
            "{name} told about the old town and the feast in spring. Noted the days on which we do not meet.",
        ),
        middle=(
            "The clinic now has an interpreter on file. {name} asked the questions without {their} son.",
            "{name} visited the congregation and was greeted by name the second time.",
        ),
        late=(
            "{name} asked for an interpreter at the counter without my help.",
            "The neighbors' association wants {name} to help at the spring feast.",
        ),
        service=("Interpreter and newcomers' advice", "Many Voices Center", "Ms. Idris"),
    ),
}  # fmt: skip

OPENINGS = {
    "home": (
        "Met at home.",
        "Visit at home as agreed.",
        "{name} had tea ready.",
        "Met on the porch, {name} preferred fresh air.",
    ),
    "community": (
        "Met at the library.",
        "Walked around the block together.",
        "Met at the coffee shop on Third Street, in the quiet corner.",
    ),
    "office": (
        "{name} came to the office.",
        "Office appointment, on time.",
        "{name} came a little early and read in the waiting room.",
    ),
    "facility": ("Met at the clinic, before the appointment.", "Went along to the clinic."),
    "shelter": ("Met at the shelter, in the side room.", "Found {name} at the usual place near the river."),
    "other": ("Met on the way to the appointment.",),
    "phone": (
        "Phone call, {name} had time to talk.",
        "Short call as agreed.",
        "{name} called back within the hour.",
    ),
    "video": ("Video call; the connection held.",),
    "message": ("Messages back and forth.",),
}

CLOSINGS = (
    "We agreed to look at it again next time.",
    "{name} knows how to reach me before then.",
    "Next step is on {name}'s card.",
    "{name} chose the day for the next visit.",
    "I call on the day before.",
    "Went over the crisis number once more; {name} has it saved.",
    "{name} said it was enough for today, and we stopped there.",
    "Mood better at the end than at the start.",
    "{name} summed it up, I only nodded.",
    "I check with {service} by Friday.",
    "Left the papers with {name}, a copy is in the file.",
    "{name} asked for a call on Monday morning.",
    "No safety concerns today.",
    "",
    "",
    "",
    "",
)

NO_SHOW = {
    "home": (
        "Nobody opened. The neighbor had seen {name} this morning. Will call tomorrow.",
        "Rang twice, lights were on. Left a card under the door with a new time.",
        "Not at home at the agreed time. Sent a text; {name} had mixed up the days.",
    ),
    "office": (
        "Did not come to the office. Sent a short message: no worry, shall we try Thursday?",
        "Waited until half past. {name} called later, the bus had not come.",
    ),
    "elsewhere": (
        "Waited twenty minutes at the agreed place. Left word with a new time.",
        "Was not there. Asked around; somebody had seen {name} yesterday and will pass on my card.",
        "Waited, walked the block twice, and went on. Will try at the same hour on another day.",
    ),
}
NOT_REACHED = (
    "Called, rang through. No message left.",
    "Called twice, an hour apart. Will try again tomorrow morning.",
    "Phone was off. Sent a text with my hours.",
)
CANCELLED = (
    "{name} called to say that a cold had come up; new date agreed.",
    "{name} asked to move the visit because of a shift. Fine with me.",
)
COLLATERAL = (
    "Talked with {service} with {name}'s consent: the file is complete and moves on this week.",
    "Call with {name}'s sister, as {name} had asked me to: she can help on weekends.",
    "Short call with {service}: next date is confirmed, they will call {name} directly.",
    "Care meeting by phone. Everybody agreed who does what; {name} gets the summary by mail.",
)
INTERPRETED = ("Interpreter on the phone.", "With the interpreter, who knew {name} already.")
FIRST_VISITS = (
    "First visit after enrolling. {name} told what brought {them} here and what should be different in half a year. Explained what I can do, and what not.",
    "Second meeting. Signed the papers, talked about how and when to reach {name}, and what to avoid.",
)
ASSESSMENT_VISIT = "Went through the Needs & Strengths Review together, all sixteen parts, with one break. {name} rated first, then we compared. Where we differed we wrote down both."
PLAN_VISIT = "Wrote the plan together. The goals stand in {name}'s words; we agreed how each is measured and who does what by when. {name} has a copy."
REVIEW_VISIT = "Looked at the plan together: what has moved, what has not, and whether the goals still fit. {name} was clear about what matters now."
JOINT = {
    "SHADOW": "Nia came along to learn, with {name}'s agreement.",
    "CO_VISIT": "Mo and I did the visit together, with {name}'s agreement.",
    "OBSERVE": "Mo sat in to watch me work, with {name}'s agreement.",
}
HALF_NOTES = (
    "{name}, home. Letter from county – copy. Next:",
    "Talked about the week. (finish)",
    "Saw the apartment together; details to follow.",
)

REVIEWS = (
    (
        "Two goals move, one is slow because others make {them} wait. The person keeps what was agreed. Goes on as it is.",
        "“It goes in the right direction. Slow, but right.”",
    ),
    (
        "Good progress on the first goal. For the second the target was too far away; we keep it and look at smaller steps.",
        "“I want to keep going, with smaller steps.”",
    ),
    (
        "Appointments are kept, the calendar helps. The services of others are in place.",
        "“I like that you ask me first.”",
    ),
)
REVIEW_CHANGE = (
    "Life has changed: the move made one goal pointless and another one urgent. We write a new plan from what still holds.",
    "“That was the old me. Let us start from here.”",
)
REVIEW_CONCLUDE = (
    "The goals are reached or in other good hands. We agreed to finish in a month, step by step.",
    "“I am ready. A bit scared, but ready.”",
)

SUMMARIES = {
    "GOALS_ACHIEVED": "Came for help with {domains}. In {months} months the main goals were reached. {name} keeps the appointments and knows whom to call. Services of others are in place and continue.",
    "STEPPED_DOWN": "Came for help with {domains}. After {months} months {name} needs less than we offer; the clinic's own coordinator takes over with a call a month.",
    "MOVED": "Worked on {domains} for {months} months. {name} moved to another state to live near family. Records went to the new agency with {their} consent.",
    "NOT_LOCATED": "Worked on {domains} for {months} months. Since the shelter closed nobody has seen {name}. Six tries in five weeks: phone, shelter, the pantry, two letters, the emergency contact.",
    "WITHDREW": "Worked on {domains} for {months} months. {name} decided to go on alone and told us so in person. The door stays open.",
}
COMMENTS = (
    "“You did not give up on me. Thank you.”",
    "“I would tell a friend to come.”",
    "“Good. The forms were too many.”",
    "",
)
REENTRY = "Call the front desk and ask for intake; no new referral is needed within a year."
LIFELINES = (
    ("{name}'s sister", "Company on weekends, and the first call at night"),
    ("Nurse Imhof, Northside Counseling", "Medicine and early signs"),
    ("The Porch, drop-in", "Coffee, people, help with letters"),
    ("Ms. Farrow, County Housing Office", "Questions about the lease"),
    ("Pastor's office, Hill Street", "A ride and a meal"),
)

REFERRAL_REASONS = {
    Domain.HOUSING: "Loses the present place soon and cannot search alone.",
    Domain.FOOD: "Goes without meals at the end of the month.",
    Domain.MONEY: "Benefits stopped and bills pile up.",
    Domain.LEGAL: "Needs support with a court date and papers.",
    Domain.PHYSICAL_HEALTH: "Misses medical appointments and has no doctor.",
    Domain.MENTAL_HEALTH: "Was in hospital recently; follow-up is not in place.",
    Domain.SUBSTANCE_USE: "Wants to cut down and asks for support with it.",
    Domain.TREATMENT: "Runs out of medicine between appointments.",
    Domain.SAFETY: "Does not feel safe at home.",
    Domain.DAILY_LIVING: "Has trouble keeping the household since a long illness.",
    Domain.EMPLOYMENT: "Lost a job and wants to work again.",
    Domain.EDUCATION: "Wants to finish school and needs somebody to sort out the steps.",
    Domain.TRANSPORT: "Cannot get to the clinic.",
    Domain.FAMILY: "Cares for relatives and has no relief.",
    Domain.SOCIAL: "Lives alone and has lost touch with others.",
    Domain.CULTURE: "Needs somebody who explains letters, with an interpreter.",
}
OWN_WORDS = {
    Domain.HOUSING: "“I need a place, everything else comes after.”",
    Domain.FOOD: "“I am tired of being hungry on the twenty-fifth.”",
    Domain.MONEY: "“I do not open the letters any more.”",
    Domain.LEGAL: "“I got this paper and I do not know what it wants.”",
    Domain.PHYSICAL_HEALTH: "“My body is louder than I am.”",
    Domain.MENTAL_HEALTH: "“I just want to sleep.”",
    Domain.SUBSTANCE_USE: "“I want to stop before it stops me.”",
    Domain.TREATMENT: "“The pills ran out again.”",
    Domain.SAFETY: "“I do not open the door.”",
    Domain.DAILY_LIVING: "“It got away from me.”",
    Domain.EMPLOYMENT: "“I want to work, that is all.”",
    Domain.EDUCATION: "“I want to finish what I started.”",
    Domain.TRANSPORT: "“I would come if I could get there.”",
    Domain.FAMILY: "“Everybody needs me and I am out.”",
    Domain.SOCIAL: "“It is too quiet.”",
    Domain.CULTURE: "“People talk about me, not with me.”",
}
FIRST_HELP = (
    "A quiet place to talk and somebody who calls back.",
    "Help with one letter, today.",
    "To know what happens next.",
)
HELPERS = (
    "A sister across town",
    "A neighbor with a car",
    "Nobody at the moment",
    "A friend from church",
    "",
)
OTHER_WORKERS = ("Therapist at Northside Counseling", "Probation officer", "School social worker", "", "", "")
AVOID = (
    "Not in front of the children",
    "Please no home visits yet",
    "No uniforms, no surprise calls",
    "",
    "",
    "",
)
DECIDED = {
    "waitlist": "All places are taken; {name} wants to wait and gets a call every two weeks.",
    "refer_out": "What {name} needs first is something others do better.",
    "decline": "{name} heard what we do and decided against it for now. May come back any time.",
}
OFFERED = "Eastbank Pantry, Harbor Legal Aid, and the walk-in hours at Northside Health Center; all three called together."

MENTORING = (
    ("DOC_REVIEW", 30, "Read two of Nia's notes together: what is needed, what can go."),
    ("DEBRIEF", 25, "Talked through the visit where nobody opened. It is not personal."),
    ("CHECK_IN", 20, "How the second month feels. Tired, but sure about the choice."),
    ("PLAN_PRACTICE", 45, "Turned three wishes into objectives that can be counted."),
    ("SYSTEM_NAV", 40, "How a housing voucher travels from desk to desk."),
    ("RESOURCE_INTRO", 50, "Went to The Porch and Eastbank Pantry; Nia knows faces now."),
    ("SUPERVISOR_3WAY", 30, "With Sam: where Nia stands, what comes next, when she leads."),
    ("TIME_MGMT", 30, "Planned a week with four people and room for the unplanned."),
    ("ROLE_PLAY", 30, "Practised a first phone call, three times."),
)

# What is said from a distance.
BY_PHONE = (
    "{name} told me how the week went: two good days, one bad, the rest in between.",
    "Went through the calendar of the next days; {name} read the dates to me.",
    "{name} had a question about a letter and read it to me slowly. It can wait until we meet.",
    "Reminded each other of what is next with {service}.",
    "{name} called {service} yesterday and got an answer. We went over what it means.",
    "A bad night; {name} wanted to hear a voice. We went through the card of what helps. Calmer by the end.",
    "{name} was on the bus and in a good mood. Two things to do, both small.",
    "Agreed on time and place for the next visit, and who brings what.",
    "{name} reported that the form came back signed. Said where to send it.",
    "Asked how the appointment was. Long wait, friendly nurse, new date in three weeks.",
    "{name} had no time for a long talk, but wanted me to know that all is well.",
    "Some worry about the rent date. Looked at it together, number by number.",
    "{name} told about a quarrel in the family, and did not want advice, only to tell it.",
    "Checked in after the weekend, as agreed. {name} kept to the plan and was glad about it.",
)
IN_WRITING = (
    "{name} wrote that Thursday does not work; found another day.",
    "Sent the address of {service} and the bus line. {name} answered with a thumb up.",
    "{name} sent a photo of the letter. Wrote back what it means, in two sentences.",
    "Wished good luck for the appointment; {name} wrote back afterwards that it went well.",
    "Confirmed the time for the next visit.",
)
# What any visit may be about, whatever the plan says.
EVERYDAY = (
    "{name} had a good week and wanted to talk about the football on Sunday first. Then we went through the calendar.",
    "Looked at the calendar for the next two weeks together; one appointment was double and we moved it.",
    "{name} was tired after a bad night. We kept it short and did one thing: the phone call to {service}.",
    "Read two letters together. One needs an answer by the end of the month; we wrote it.",
    "{name} asked what happens if I am on vacation. Explained who covers and wrote the number down.",
    "Talked about the neighbor's dog, the rent, and the weather, in this order. {name} laughed a lot today.",
    "{name} had called {service} alone and wrote the answer on the envelope. Good to see.",
    "Went through the papers in the folder and threw out what is old.",
    "{name} wanted quiet today. We sat for a while and then walked to the store.",
    "Checked that the phone works and that my number is in it under the right name.",
    "{name} told me about a cousin's wedding. Worked out the bus there and back.",
    "Some worry about money before the first of the month. Looked at the numbers, it will do.",
    "Back from a cold, {name} was thinner than last time. Agreed to look at the food together next week.",
    "{name} asked what stands in my notes. Showed what I write; one sentence was changed.",
    "Practised the call to {service}. {name} made it, I listened.",
    "Nothing urgent. {name} listed three things that went well since last time.",
    "We waited at the county office for an hour, played cards, and were then served in five minutes.",
    "{name} has a new doctor's card. Copied the number for the file.",
    "Helped to carry groceries up. {name} made coffee and we talked about autumn.",
    "{name} was angry about a missed call from me. I said sorry; we agreed on a text when I am late.",
    "Reviewed what to do on a bad night. {name} named the first three steps without looking at the card.",
    "Message from {service}: the next date is fixed. {name} wrote it on the calendar in red.",
    "{name} brought a question for the housing office; we wrote it down and I ask tomorrow.",
    "A slow day. We agreed that showing up counts.",
)
NEXT_ACTIONS = (
    ("Call {service} about the next date", "worker"),
    ("Send the signed release to {service}", "worker"),
    ("Bring the letter from the county to the next visit", "person"),
    ("Write down three questions for {service}", "person"),
    ("Ask for a copy of the lease or bill", "person"),
    ("Book the ride for the appointment", "worker"),
    ("Try the way to {service} once alone", "person"),
)
LATE_ADDENDUM = "Late addition: {service} called back after I had signed. The date stands."
NO_LIFELINE = (
    "Could not be found, so that nothing could be agreed. The shelter desk holds a card with our number."
)
LEFT_FOR_OTHERS = "The advocate at Lantern House works on this with {them}; we do not double it."
