"""Notifications: what reminders have come, told once in the feed. Fires the alarms that tasks have set."""
