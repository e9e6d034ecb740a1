"""A run: systems over documents, appended as they come, scored from files, resumed when killed."""
