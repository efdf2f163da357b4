"""What the tests start: real servers, real databases, real users."""
