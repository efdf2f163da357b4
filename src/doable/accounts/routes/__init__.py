"""The routes of accounts, together on top: they need the gate, and the gate needs the rest."""
