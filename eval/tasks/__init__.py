"""What is asked of a system: versioned task files, and the schemas that they name."""

from .task import TASKS, Task, TaskDataset, load_tasks, tasks_for

__all__ = ["TASKS", "Task", "TaskDataset", "load_tasks", "tasks_for"]
