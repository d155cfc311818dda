"""When each worker was last alive: a silent one is reported and never takes the site down."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Created


class WorkerBeat(Created, Base):
    """`name` is the worker's own: host, process and a random part."""

    __tablename__ = "worker_beat"

    name: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]
