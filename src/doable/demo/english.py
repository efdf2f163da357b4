"""The account in English: Robin Hale, a designer in a small studio, with a flat, a balcony and a journey ahead."""

from typing import Final

from doable.demo.content import (
    FRIDAY,
    MONDAY,
    SATURDAY,
    SUNDAY,
    THURSDAY,
    WEDNESDAY,
    Content,
    Filter,
    List,
    Section,
    Series,
    Task,
    Words,
    day,
    day_of_month,
    weekday,
    workday,
)

INBOX: Final = (
    Task("Call Nora back about Saturday", due=day(0), tags=("phone",), minutes=10, priority="medium"),
    Task("Return the drill to Jonas", tags=("errand",)),
    Task("Send Mum the photos of the weekend", due=day(1), tags=("quick",), minutes=15),
    Task(
        "That book about maps from the podcast",
        "Something with *atlas* in the title. Episode 112, near the end.",
        url="https://example.com/podcast/112",
    ),
    Task("Renew the library card", due=workday(6), tags=("errand",), minutes=20),
    Task("Post the parcel to Aunt Ruth", done=0, tags=("errand",)),
    Task("Ask Sam for the name of the electrician", done=2, tags=("phone",)),
    Task("Back up the phone", done=9, tags=("quick",)),
    Task("Print the concert tickets", done=16),
)

RELAUNCH: Final = List(
    name="Website relaunch",
    color="#4f6bed",
    group="Work",
    sections=(
        Section(
            "To do",
            (
                Task(
                    "Write the release notes for the newsletter",
                    due=workday(8),
                    tags=("focus",),
                    minutes=90,
                ),
                Task(
                    "Redirect the old addresses",
                    "All of `/blog/*` and the three landing pages. The list is in the shared folder.\n\n"
                    "- [x] export from the old system\n- [ ] mapping\n- [ ] check with Priya",
                    due=workday(9),
                    priority="medium",
                    minutes=120,
                    url="https://example.com/relaunch/redirects",
                ),
                Task("Choose photos for the team page", tags=("quick",), minutes=30),
                Task("Cookie banner: do we need one at all?", tags=("waiting",), priority="low"),
            ),
        ),
        Section(
            "In progress",
            (
                Task(
                    "Finish the start page for phones",
                    "What is left after the last round:\n\n"
                    "1. the header takes **too much room** below 360 px\n"
                    "2. quotes: one column, no slider\n"
                    "3. try the lighter weight for headings\n\n"
                    "> Less is fine. If in doubt, leave it out. (Priya)",
                    due=day(0),
                    time="15:00",
                    priority="high",
                    tags=("focus",),
                    minutes=180,
                    remind=("-PT30M",),
                    url="https://example.com/relaunch/start-page",
                    below=(
                        Task("Header below 360 px", done=1, minutes=45),
                        Task("Quotes in one column", minutes=30),
                        Task("Lighter headings, side by side", minutes=30),
                    ),
                ),
                Task(
                    "Proofread the German texts",
                    due=day(-1),
                    priority="medium",
                    minutes=60,
                    tags=("focus",),
                    remind=("PT0M",),
                ),
            ),
        ),
        Section(
            "In review",
            (
                Task("Contact form", "With Ben since yesterday.", due=workday(2), tags=("waiting",)),
                Task("Price table", "Legal wants the small print *above* the button.", tags=("waiting",)),
                Task("Colours with enough contrast", done=3, tags=("focus",), minutes=120),
            ),
        ),
        Section(
            "Launch",
            (
                Task("Freeze the texts", due=weekday(FRIDAY, weeks=1), priority="high"),
                Task(
                    "Go live",
                    "Not on a Friday. Ben is on call, Priya writes the post.",
                    due=weekday(WEDNESDAY, weeks=2),
                    time="10:00",
                    priority="high",
                    remind=("-P1D", "-PT1H"),
                    below=(
                        Task("Lower the TTL of the DNS records", due=weekday(MONDAY, weeks=2)),
                        Task("Switch, and look at the error log for an hour"),
                        Task("Cake for everybody"),
                    ),
                ),
            ),
        ),
    ),
    tasks=(
        Task("Kick-off with the whole team", done=40),
        Task("Interviews with five customers", done=31, minutes=300),
        Task("First sketches on paper", done=27, tags=("focus",)),
        Task("Sitemap", done=20, url="https://example.com/relaunch/sitemap"),
        Task("Agree on the typeface", done=12),
        Task("Slider for the quotes", "Nobody waits for the third one.", done=8, is_cancelled=True),
    ),
)

TEAM: Final = List(
    name="Team",
    color="#8b5cf6",
    group="Work",
    tasks=(
        Task(
            "Weekly review",
            "Look at **every** list once:\n\n- What is stuck, and who can help?\n- What can go?\n- Three things for next week",
            due=weekday(FRIDAY),
            time="16:00",
            minutes=45,
            remind=("-PT15M",),
            series=Series(rule="FREQ=WEEKLY;BYDAY=FR", since=38),
        ),
        Task(
            "One-to-one with Priya",
            "She wants to do more research. Bring the list of courses.",
            due=weekday(THURSDAY),
            time="11:00",
            minutes=30,
            series=Series(rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", since=45),
        ),
        Task("Feedback for Ben", due=day(-2), priority="medium", minutes=40, tags=("focus",), remind=("PT0M",)),
        Task("Read the three applications", due=workday(1), priority="high", minutes=60, tags=("focus",)),
        Task("Book a room for the retreat", due=workday(5), tags=("phone",), minutes=20),
        Task("Invoice for last month: 38 hours", tags=("waiting",), due=workday(-6), done=4),
        Task("Expenses: train to Leeds", due=day_of_month(5), tags=("quick",), minutes=15),
        Task("Answer Aisha about the open evening", done=0, minutes=10, tags=("quick",)),
        Task("Thank-you card for Aisha", done=6, tags=("errand",)),
        Task("Slides for the open evening", done=14, minutes=150, tags=("focus",)),
    ),
)

GROCERIES: Final = List(
    name="Groceries",
    color="#2a9d8f",
    group="Home",
    sections=(
        Section("Fruit and vegetables", (Task("Lemons"), Task("Spinach"), Task("Apples, the sour ones"))),
        Section("Fridge", (Task("Oat milk", "Two cartons, unsweetened"), Task("Feta"), Task("Butter", done=3))),
        Section("Pantry", (Task("Coffee beans", priority="medium"), Task("Lentils"), Task("Rice", done=3))),
        Section("Bakery", (Task("Rye bread", due=weekday(SATURDAY)), Task("Bagels", done=10))),
    ),
)

HOUSEHOLD: Final = List(
    name="Household",
    color="#e76f51",
    group="Home",
    tasks=(
        Task(
            "Water the plants",
            "The fern wants *less* than you think, the lemon tree more.",
            due=day(0),
            minutes=10,
            tags=("quick",),
            series=Series(rule="FREQ=DAILY;INTERVAL=3", since=30),
        ),
        Task(
            "Rent",
            due=day_of_month(1),
            priority="high",
            remind=("-P1D",),
            series=Series(rule="FREQ=MONTHLY;BYMONTHDAY=1", since=54),
        ),
        Task(
            "Change the sheets",
            due=weekday(SUNDAY),
            minutes=20,
            series=Series(rule="FREQ=WEEKLY;INTERVAL=2", since=40),
        ),
        Task(
            "Descale the kettle",
            due=day(9),
            minutes=15,
            series=Series(rule="FREQ=MONTHLY", since=5, counts_from="completion"),
        ),
        Task("Hang the shelf in the hall", "Needs the drill. See Jonas.", due=weekday(SATURDAY), minutes=60),
        Task(
            "Dentist",
            "Hill Street 12, second floor. Bring the card.",
            due=workday(11),
            time="08:30",
            remind=("-P1D", "-PT2H"),
        ),
        Task("Take the old paint to the recycling centre", tags=("errand",), due=day(-3), minutes=45),
        Task("Compare electricity prices", priority="low", start=day(20), url="https://example.com/power"),
        Task("Mend the grey jumper", priority="low"),
        Task("Bleed the radiators", done=11, minutes=30),
        Task("New batteries for the smoke detectors", done=19, tags=("quick",)),
    ),
)

BALCONY: Final = List(
    name="Balcony",
    color="#6a994e",
    group="Home",
    tasks=(
        Task(
            "Plan next year's boxes",
            "| box | sun | idea |\n| --- | --- | --- |\n| left | morning | herbs |\n| middle | noon | chillies |\n| right | evening | strawberries |",
            minutes=40,
            below=(
                Task("Draw the boxes to scale", done=5),
                Task(
                    "Order seeds",
                    url="https://example.com/seeds",
                    below=(Task("Thyme and sage"), Task("Padrón chillies"), Task("Ask Nora for her strawberries")),
                ),
            ),
        ),
        Task("Repair the trellis", due=weekday(SUNDAY, weeks=1), minutes=60),
        Task("Oil the wooden bench", start=day(9), minutes=50),
        Task("Put the bird feeder up again", done=7, tags=("quick",)),
    ),
)

LISBON: Final = List(
    name="Lisbon",
    color="#f4a261",
    group="Travel",
    tasks=(
        Task(
            "Book the journey",
            "Leave on a Thursday, back on the Tuesday after.",
            due=day(3),
            priority="high",
            tags=("focus",),
            below=(
                Task("Compare the night train and the flight", done=2, minutes=40),
                Task("Ask for the two days off", done=4),
                Task(
                    "Find a flat",
                    "Near Graça if possible, **not** on the ground floor.",
                    due=day(2),
                    url="https://www.openstreetmap.org/#map=16/38.7169/-9.1300",
                    below=(
                        Task("Write to the one with the blue door", tags=("waiting",)),
                        Task("Look at the reviews of the other two", minutes=20),
                    ),
                ),
                Task("Seats by the window", tags=("quick",)),
            ),
        ),
        Task("Travel insurance: until when is it good?", due=workday(7), tags=("phone",)),
        Task("Is the passport good until then?", done=13),
        Task(
            "What to see",
            "Slowly. **Two things a day**, and long lunches.",
            below=(
                Task("National Tile Museum", url="https://en.wikipedia.org/wiki/Museu_Nacional_do_Azulejo"),
                Task("Tram 28, early in the morning"),
                Task("Day trip to Sintra", "By train from Rossio, back before dark.", minutes=480),
                Task("Sunset at Miradouro da Graça"),
            ),
        ),
        Task("Learn twenty words of Portuguese", due=day(21), minutes=15, tags=("quick",)),
        Task(
            "Packing list",
            due=day(33),
            start=day(28),
            below=(Task("Good shoes"), Task("Adapter"), Task("Swimming things")),
        ),
    ),
)

READING: Final = List(
    name="To read and watch",
    color="#b5838d",
    tasks=(
        Task("The Summer Book, Tove Jansson", "A present from Nora. Page 48."),
        Task("How buildings learn, Stewart Brand", priority="low"),
        Task("The long piece about ferries", url="https://example.com/ferries", minutes=35),
        Task("Exhibition: posters of the seventies", "Until the end of next month. With Sam?", due=day(24)),
        Task("Piranesi, Susanna Clarke", done=22),
    ),
)

MOVE: Final = List(
    name="Move to Elm Street",
    color="#8d99ae",
    group="Home",
    is_archived=True,
    tasks=(
        Task("Give notice for the old flat", done=50),
        Task("Boxes from the cellar", done=47),
        Task(
            "Tell everybody the new address",
            done=44,
            below=(Task("Bank", done=45), Task("Insurance", done=45), Task("Tax office", done=44)),
        ),
        Task("Paint the kitchen", "Two coats, *chalk white*.", done=43, minutes=300),
        Task("Housewarming", done=29),
    ),
)

WORDS: Final = Words(
    group="Everything else",
    large_list="Collected",
    lists=(
        *("Studio", "Clients", "Bookkeeping", "Events", "Workshop", "Photos", "Recipes", "Presents", "Bicycle"),
        *("Cellar", "Choir", "Neighbours"),
    ),
    what=(
        *("Call about {}", "Write down what is left of {}", "Check {}", "Order {}", "Collect {}", "Sort out {}"),
        *("Compare prices for {}", "Make a plan for {}", "Pay for {}", "Ask for {}", "Take a picture of {}"),
        *("Find somebody for {}", "Read up on {}", "Throw away {}", "Repair {}", "Send {}", "Look for {}"),
        *("Clean {}", "Measure {}", "Draw {}", "Label {}", "Copy {}", "Return {}", "Update {}", "Think about {}"),
    ),
    subjects=(
        *("the blue folder", "the printer", "the contract", "the invoice", "the garden chairs", "the old camera"),
        *("the tickets", "the key to the cellar", "the front wheel", "the lamp in the hall", "the piano", "the poster"),
        *("the guest list", "the projector", "the first draft", "the train times", "the curtains", "the tent"),
        *("the address book", "the sewing machine", "the oven", "the letter box", "the backup", "the slides"),
        *("the winter coat", "the map", "the warranty", "the receipts", "the scores", "the spare room"),
    ),
    whom=(
        *("with Nora", "for Jonas", "before the weekend", "for the studio", "with Priya", "again", "for Mum"),
        *("on the way home", "with Sam", "for next year", "for the archive", "with Ben", "after the holidays"),
        *("for the choir", "before it rains", "for Aisha", "at the office", "with the neighbours", "in the attic"),
    ),
    daily_list="Every day",
    daily=(
        *("Take the vitamins", "Ten minutes of stretching", "Write in the diary", "Feed the cat", "Clear the desk"),
        *("Read twenty pages", "Walk round the park", "Practise the cello", "Empty the inbox", "Water, eight glasses"),
        *("Plan tomorrow", "Learn ten words", "Tidy the kitchen", "Call somebody", "Go to bed before eleven"),
        *("Take a photo", "Cold shower", "Eat some fruit", "Check the weather", "Lock the bicycle shed"),
    ),
)

CONTENT: Final = Content(
    name="Robin Hale",
    language="en",
    timezone="UTC",
    inbox=INBOX,
    deleted="Buy a second umbrella",
    lists=(RELAUNCH, TEAM, GROCERIES, HOUSEHOLD, BALCONY, LISBON, READING, MOVE),
    tags=(
        ("focus", "#4f6bed"),
        ("phone", "#2a9d8f"),
        ("errand", "#f4a261"),
        ("waiting", "#8d99ae"),
        ("quick", "#6a994e"),
    ),
    filters=(
        Filter("Quick wins", "@quick & !subtask", "#6a994e", "priority"),
        Filter("Work this week", '(overdue | 7 days) & (#"Website relaunch" | #Team)', "#4f6bed", "due"),
        Filter("Waiting for others", "@waiting", "#8d99ae"),
        Filter("Some day", "no date & !subtask & !#Groceries & available", "#b5838d"),
    ),
    words=WORDS,
)
