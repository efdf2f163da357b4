"""The sources that can be read: a module for each program or format."""
