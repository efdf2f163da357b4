"""A calendar's address as it goes over the wire."""

from pydantic import Field

from doable.http.schemas import Output


class CalendarRead(Output):
    """The address of your calendar, which is shown only this once."""

    url: str = Field(
        description="Give it to a calendar program. Whoever has it can read the calendar. It is not shown again.",
        examples=["https://tasks.example.com/calendar/….ics"],
    )
