"""What every HTTP edge shares. It knows nothing of users or tasks."""
