"""The parts that every HTTP edge shares. They know nothing of users or tasks."""
