"""What is kept on disk: entries with digests, documents, locks, eviction."""
