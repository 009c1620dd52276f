"""Long work beside serving: ``jobs`` runs it, ``routes`` and ``client`` are its HTTP; then rebuilds, verifications."""
