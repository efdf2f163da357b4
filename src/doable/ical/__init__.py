"""iCalendar (RFC 5545) as text: lines, dates, zones and rules. Knows no task and no database."""
