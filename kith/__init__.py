"""Settings, the pipeline that ties the rooms together, jobs and the command line."""
