"""The worker's door: one task for each job name, the timetable, and the rescue of jobs whose worker died."""

from procrastinate import App


def register(app: App) -> None:
    """This function will add the tasks to the queue's application, once Django is ready."""
    from safelaunch.interfaces.worker import tasks

    tasks.register(app)
