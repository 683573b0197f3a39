"""The composition root: settings, the pipeline, the scheduler and the command line."""
