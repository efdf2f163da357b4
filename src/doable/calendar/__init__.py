"""The calendar: due dates for calendar programs, which cannot log in and only read."""
