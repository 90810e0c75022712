"""The files through which `app` and `precompute` meet: settings, folds, held-out accuracy."""

from sighthound.core.project.settings import Project, load_project

__all__ = ["Project", "load_project"]
