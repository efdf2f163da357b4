"""Forty requests in plain words, the calls that a model would make for each, and what must be so afterwards.

Every request begins with the same account, on Thursday, 26 November 2026, in Berlin. In a call, `<title>` stands for the id of the
task of that title, and `<undo>` for what the call before answered. What must be so is said of tasks by their titles: a dictionary
of the members that `get_task` must tell, None where a member must not be there, and no dictionary where the task must be gone.
"""

from typing import Any, Final

Call = tuple[str, dict[str, Any]]
Request = tuple[str, list[Call], dict[str, dict[str, Any] | None]]

LISTS: Final = ("Work", "Home", "Groceries")

TASKS: Final[list[dict[str, Any]]] = [
    {"title": "Send the report", "list": "Work", "due": "2026-11-25", "priority": "high"},
    {"title": "Call the bank", "due": "2026-11-26", "tags": ["phone"]},
    {"title": "Book a dentist", "due": "2026-11-26T15:00", "tags": ["phone", "health"]},
    {"title": "Water the plants", "list": "Home", "due": "2026-11-29", "repeat": "every 3 days"},
    {"title": "Pay the rent", "list": "Home", "due": "2026-12-01", "repeat": "FREQ=MONTHLY;BYMONTHDAY=1"},
    {"title": "Oat milk", "list": "Groceries"},
    {"title": "Bread", "list": "Groceries"},
    {"title": "Prepare the talk", "list": "Work", "due": "2026-12-10", "description": "Forty minutes. " * 20},
    {"title": "Learn the cello", "priority": "low"},
]

BELOW: Final = {"Prepare the talk": ["Write slides", "Rehearse"]}

REQUESTS: Final[list[Request]] = [
    (
        "What do I have to do today?",
        [("get_overview", {}), ("find_tasks", {"due": "today"}), ("find_tasks", {"due": "overdue"})],
        {},
    ),
    ("What is due this week?", [("find_tasks", {"due": "week"})], {}),
    ("What did I put into Groceries?", [("find_tasks", {"list": "Groceries", "sort": "position"})], {}),
    (
        "Remind me to buy stamps tomorrow.",
        [("add_tasks", {"tasks": [{"title": "Buy stamps", "due": "tomorrow"}]})],
        {"Buy stamps": {"due": "2026-11-27", "list": "inbox"}},
    ),
    (
        "Put eggs, flour and butter on the shopping list.",
        [("add_tasks", {"tasks": [{"title": each, "list": "groceries"} for each in ("Eggs", "Flour", "Butter")]})],
        {each: {"list": "Groceries"} for each in ("Eggs", "Flour", "Butter")},
    ),
    (
        "I have called the bank.",
        [("find_tasks", {"query": "call bank"}), ("complete_tasks", {"ids": ["<Call the bank>"]})],
        {"Call the bank": {"completed": True}},
    ),
    (
        "Oops, no, I have not.",
        [("complete_tasks", {"ids": ["<Call the bank>"]}), ("undo", {"undo": "<undo>"})],
        {"Call the bank": {"completed": False, "due": "2026-11-26", "tags": ["phone"]}},
    ),
    (
        "Move the dentist to Monday at ten.",
        [
            ("find_tasks", {"query": "dentist"}),
            ("update_tasks", {"changes": [{"id": "<Book a dentist>", "due": "2026-11-30T10:00"}]}),
        ],
        {"Book a dentist": {"due": "2026-11-30T10:00", "due_text": "Mon 30 Nov 2026 10:00, in 4 days"}},
    ),
    (
        "Everything that is overdue: make it due today.",
        [
            ("find_tasks", {"due": "overdue"}),
            ("update_tasks", {"changes": [{"id": "<Send the report>", "due": "today"}]}),
        ],
        {"Send the report": {"due": "2026-11-26", "due_text": "Thu 26 Nov 2026, today"}},
    ),
    (
        "Delete the bread, I do not eat any.",
        [("find_tasks", {"query": "bread"}), ("delete_tasks", {"ids": ["<Bread>"]})],
        {"Bread": None},
    ),
    (
        "Bring the bread back.",
        [("delete_tasks", {"ids": ["<Bread>"]}), ("undo", {"undo": "<undo>"})],
        {"Bread": {"list": "Groceries", "completed": False}},
    ),
    (
        "I watered the plants.",
        [("complete_tasks", {"ids": ["<Water the plants>"]})],
        {"Water the plants": {"completed": False, "due": "2026-12-02", "repeat": "FREQ=DAILY;INTERVAL=3"}},
    ),
    (
        "Skip watering once.",
        [("complete_tasks", {"ids": ["<Water the plants>"], "outcome": "skip"})],
        {"Water the plants": {"completed": False, "due": "2026-12-02"}},
    ),
    (
        "I will never learn the cello.",
        [("complete_tasks", {"ids": ["<Learn the cello>"], "outcome": "cancelled"})],
        {"Learn the cello": {"completed": True, "cancelled": True}},
    ),
    (
        "Every Friday I want to clean the kitchen.",
        [("add_tasks", {"tasks": [{"title": "Clean the kitchen", "list": "Home", "repeat": "every friday"}]})],
        {"Clean the kitchen": {"repeat": "FREQ=WEEKLY;BYDAY=FR", "due": "2026-11-27"}},
    ),
    (
        "The rent is due on the first at nine.",
        [("update_tasks", {"changes": [{"id": "<Pay the rent>", "due": "2026-12-01T09:00"}]})],
        {"Pay the rent": {"due": "2026-12-01T09:00", "repeat": "FREQ=MONTHLY;BYMONTHDAY=1"}},
    ),
    (
        "I pay no rent any longer.",
        [("update_tasks", {"changes": [{"id": "<Pay the rent>", "repeat": ""}]})],
        {"Pay the rent": {"repeat": None, "due": "2026-12-01"}},
    ),
    (
        "The talk has no date any more.",
        [("update_tasks", {"changes": [{"id": "<Prepare the talk>", "due": ""}]})],
        {"Prepare the talk": {"due": None, "due_text": None}},
    ),
    (
        "Make a list for the holidays, and put packing on it.",
        [
            ("save_list", {"name": "Holidays"}),
            ("add_tasks", {"tasks": [{"title": "Pack", "list": "Holidays"}]}),
        ],
        {"Pack": {"list": "Holidays"}},
    ),
    ("Make Work green.", [("save_list", {"name": "work", "color": "#2a9d8f"})], {}),
    (
        "Move the cello to Home.",
        [("update_tasks", {"changes": [{"id": "<Learn the cello>", "list": "Home"}]})],
        {"Learn the cello": {"list": "Home", "priority": "low"}},
    ),
    (
        "Everything from Groceries is bought.",
        [
            ("find_tasks", {"list": "Groceries"}),
            ("complete_tasks", {"ids": ["<Oat milk>", "<Bread>"]}),
        ],
        {"Oat milk": {"completed": True}, "Bread": {"completed": True}},
    ),
    (
        "What is in the talk's description?",
        [("find_tasks", {"query": "talk"}), ("get_task", {"id": "<Prepare the talk>"})],
        {"Prepare the talk": {"description": "Forty minutes. " * 20}},
    ),
    (
        "Add a dry run to the talk.",
        [("add_tasks", {"tasks": [{"title": "Dry run", "parent": "<Prepare the talk>", "due": "2026-12-08"}]})],
        {"Dry run": {"list": "Work", "parent": "<Prepare the talk>", "due": "2026-12-08"}},
    ),
    (
        "The talk is over.",
        [("complete_tasks", {"ids": ["<Prepare the talk>"]})],
        {each: {"completed": True} for each in ("Prepare the talk", "Write slides", "Rehearse")},
    ),
    (
        "Delete the talk, and all that belongs to it.",
        [("delete_tasks", {"ids": ["<Prepare the talk>", "<Rehearse>"]})],
        {"Prepare the talk": None, "Write slides": None, "Rehearse": None},
    ),
    (
        "Rehearsing is a task of its own.",
        [("update_tasks", {"changes": [{"id": "<Rehearse>", "parent": ""}]})],
        {"Rehearse": {"parent": None, "list": "Work"}},
    ),
    (
        "Which calls do I have to make?",
        [("find_tasks", {"tags": ["phone"], "sort": "due"})],
        {},
    ),
    (
        "The dentist is about health only, and is urgent.",
        [
            (
                "update_tasks",
                {"changes": [{"id": "<Book a dentist>", "remove_tags": ["phone"], "priority": "high"}]},
            )
        ],
        {"Book a dentist": {"tags": ["health"], "priority": "high"}},
    ),
    (
        "Tag all groceries as weekend.",
        [
            (
                "update_tasks",
                {"changes": [{"id": f"<{each}>", "add_tags": ["weekend"]} for each in ("Oat milk", "Bread")]},
            )
        ],
        {"Oat milk": {"tags": ["weekend"]}, "Bread": {"tags": ["weekend"]}},
    ),
    (
        "Remind me of the bank half an hour before noon.",
        [
            (
                "update_tasks",
                {"changes": [{"id": "<Call the bank>", "due": "2026-11-27T12:00", "reminders": ["-PT30M"]}]},
            )
        ],
        {"Call the bank": {"reminders": ["2026-11-27T10:30:00.000000Z"]}},
    ),
    (
        "Wake me up about the report on Saturday at eight.",
        [("update_tasks", {"changes": [{"id": "<Send the report>", "reminders": ["2026-11-28T08:00"]}]})],
        {"Send the report": {"reminders": ["2026-11-28T07:00:00.000000Z"]}},
    ),
    (
        "The call is at six in the evening in Tokyo, tomorrow.",
        [("add_tasks", {"tasks": [{"title": "Call Tokyo", "due": "2026-11-27T18:00+09:00"}]})],
        {"Call Tokyo": {"due": "2026-11-27T10:00+01:00", "due_text": "Fri 27 Nov 2026 10:00, tomorrow"}},
    ),
    (
        "I can begin with the talk in December, it takes three hours.",
        [
            (
                "update_tasks",
                {"changes": [{"id": "<Prepare the talk>", "start": "2026-12-01", "estimate_minutes": 180}]},
            )
        ],
        {"Prepare the talk": {"start": "2026-12-01", "estimate_minutes": 180, "due": "2026-12-10"}},
    ),
    (
        "Note the page of the cello teacher.",
        [("update_tasks", {"changes": [{"id": "<Learn the cello>", "url": "https://cello.example/lessons"}]})],
        {"Learn the cello": {"url": "https://cello.example/lessons"}},
    ),
    (
        "Rename oat milk to soy milk, two of them.",
        [("update_tasks", {"changes": [{"id": "<Oat milk>", "title": "Soy milk", "description": "Two."}]})],
        {"Soy milk": {"description": "Two.", "list": "Groceries"}, "Oat milk": None},
    ),
    (
        "What is the most important at work?",
        [("find_tasks", {"list": "Work", "sort": "priority", "limit": 1})],
        {},
    ),
    (
        "What did I finish?",
        [("complete_tasks", {"ids": ["<Bread>"]}), ("find_tasks", {"status": "completed"})],
        {"Bread": {"completed": True}},
    ),
    (
        "I am not done with the bread after all.",
        [
            ("complete_tasks", {"ids": ["<Bread>"]}),
            ("complete_tasks", {"ids": ["<Bread>"], "outcome": "reopen"}),
        ],
        {"Bread": {"completed": False}},
    ),
    (
        "What has no date yet?",
        [("find_tasks", {"due": "none"})],
        {},
    ),
]

FOUND: Final[dict[str, list[str]]] = {
    "What do I have to do today?": ["Send the report"],
    "What is due this week?": ["Book a dentist", "Call the bank", "Water the plants", "Pay the rent"],
    "What did I put into Groceries?": ["Oat milk", "Bread"],
    "Which calls do I have to make?": ["Book a dentist", "Call the bank"],
    "What is the most important at work?": ["Send the report"],
    "What did I finish?": ["Bread"],
    "What has no date yet?": ["Rehearse", "Write slides", "Learn the cello", "Bread", "Oat milk"],
}
"""What the last call of a request finds, in this order."""
