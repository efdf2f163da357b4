"""The database of a backend that was made by the FastAPI tutorial, or by one of the courses that follow it."""
