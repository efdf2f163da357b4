"""What Doable is about: tasks, each of which has one owner."""
