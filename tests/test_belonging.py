"""Columns that belong to one text, such as titles and what stands below them; and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from examples import table_of

from explorer.reading.readers import read
from explorer.table.roles import guess_roles, open_texts, why_text

CASES = Path(__file__).parent / "data" / "cases"
THINGS = ("bread", "rivers", "taxes", "violins", "clouds", "horses", "stones", "lamps", "boats", "trees", "maps", "ink")
ROWS = range(60)


def said(form: str, values: int = len(ROWS), filled: int = len(ROWS)) -> list[str | None]:
    """A cell for each of sixty rows, with so many values, filled in the first rows."""
    cells = [form.format(THINGS[row % values % 12], row % values) for row in ROWS]
    return [cell if row < filled else None for row, cell in enumerate(cells)]


TITLES = said("The {0} of row {1} do not load")
BODIES = said("Since Monday I see an error with the {0} whenever I open page {1} of the list, and nothing helps at all")
ADDED = said("I have the same with {0} in version {1}, and so has everybody else whom I have asked about it here")
AUTHORS = [("ann", "bob", "eve")[row % 3] for row in ROWS]
TOPICS = [("Refund request", "Product setup", "Account access")[row % 3] for row in ROWS]

TOGETHER = {
    "issues of GitHub": {"number": [*ROWS], "title": TITLES, "user": AUTHORS, "body": BODIES, "comments": [2, 0] * 30},
    "Jira": {"Summary": TITLES, "Status": AUTHORS, "Description": BODIES, "Comment": said(ADDED[0] + " {1}", 60, 35)},
    "Jira with a few comments": {"Summary": TITLES, "Comment": said("I have it too, in version {1} with {0}", 60, 8)},
    "Zendesk": {"Subject": TITLES, "Assignee": AUTHORS, "Description": BODIES},
    "tickets": {"ticket_subject": TITLES, "ticket_type": AUTHORS, "ticket_description": BODIES},
    "an API": {"fields.summary": TITLES, "fields.status": AUTHORS, "fields.description": BODIES},
    "reviews of an app": {"reviewTitle": TITLES, "reviewText": BODIES, "userName": AUTHORS},
    "reviews of a shop": {"Summary": TITLES, "Text": BODIES, "Score": [1, 5, 4] * 20},
    "news": {"headline": TITLES, "article": BODIES, "section": AUTHORS},
    "summaries that come back": {"Summary": said("The {0} of row {1} do not load", 24), "Comment": ADDED},
    "mail": {"subject": TITLES, "from": AUTHORS, "body": BODIES},
    "questions about texts": {"question": said("What does row {1} say of {0}?"), "context": BODIES, "topic": AUTHORS},
    "questions about passages": {"passage": said(BODIES[0] + " {1}", 20), "question": said("Is {1} so with {0}?")},
}  # fmt: skip
ORDER = {"questions about passages": ("question", "passage"), "Jira": ("Summary", "Description", "Comment")}


@pytest.mark.parametrize("kind", TOGETHER)
def test_what_belongs_together_is_one_text(kind):
    table = table_of(**TOGETHER[kind])
    texts = tuple(name for name, cells in TOGETHER[kind].items() if " " in str(cells[0]))
    roles = guess_roles(table)
    assert roles.text == ORDER.get(kind, texts)
    assert why_text(table, roles).startswith("they belong together, a ")
    assert open_texts(table) == ()


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ({"movie_title": TITLES, "review": BODIES}, ("review",)),  # what the review is about
        ({"Job Title": said("Senior maker of {0}, grade {1}"), "review": BODIES}, ("review",)),
        ({"Ticket Subject": TOPICS, "Ticket Description": BODIES}, ("Ticket Description",)),  # a topic
        ({"title": said("Report about {0}"), "text": said("Report about {0}: they are row {1}")}, ("text",)),  # in it
        ({"What did you like?": ADDED, "Any other comments?": BODIES}, ("Any other comments?",)),
        ({"description": ADDED, "comment": BODIES}, ("comment",)),  # nothing says that they are of one report
        ({"summary": BODIES, "article": said(" ".join(BODIES) + " {1}")}, ("article",)),  # the same, shorter
        ({"question": said("What does row {1} say of {0}?"), "answer": BODIES}, ("answer",)),
    ],
)
def test_what_says_something_of_its_own_stays_apart(columns, text):
    assert guess_roles(table_of(**columns)).text == text


def test_answers_of_a_survey_have_a_map_each():
    survey = {"Summary of your visit": BODIES, "Your comment on our service": ADDED}
    assert open_texts(table_of(**survey)) == tuple(survey)


def test_files_of_trackers_and_of_questions():
    assert guess_roles(read(CASES / "tracker_repeated_columns.csv")).text[-1] == "Comment"
    squad = guess_roles(read(CASES / "squad_nested.json"))
    assert (squad.text, squad.label) == (("question", "context"), "title")
    chat = guess_roles(read(CASES / "whatsapp_chat.txt"))
    assert (chat.text, chat.label) == (("text",), "sender")
    strings = guess_roles(read(CASES / "embedding_strings.csv"))
    assert strings.text == ("combined",)
    assert strings.label != "title"


def test_a_text_of_its_own_in_each_row_is_no_label():
    held = {"text": BODIES, "note to self": said("see the {0} of page {1} again", 25)}
    assert guess_roles(table_of(**held)).label is None
    assert guess_roles(table_of(**held, place=AUTHORS)).label == "place"
    assert guess_roles(table_of(text=BODIES, office=[f"The office of {name}" for name in AUTHORS])).label == "office"


def test_the_labels_of_issues_come_before_their_authors():
    labels = ["bug", "question", "bug", "docs"] * 15
    assert guess_roles(table_of(title=TITLES, user=AUTHORS, labels=labels, body=BODIES)).label == "labels"


@pytest.mark.parametrize("name", ["sender", "from", "author", "user", "role", "speaker"])
def test_who_speaks_comes_before_the_kind_of_a_message(name):
    kinds = ["message", "message", "media", "deleted"] * 15
    found = table_of(text=BODIES, kind=kinds, **{name: [*AUTHORS[:59], "zoe"]})
    assert guess_roles(found).label == name
