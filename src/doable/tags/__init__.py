"""Tags as things of their own: their colours and their order, and what becomes of the tasks that have them."""
