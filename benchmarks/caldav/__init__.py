"""How soon task apps have everything by CalDAV, beside Radicale and Xandikos: `python -m benchmarks.caldav`."""
