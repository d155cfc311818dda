"""One row that every change to the staff raises: how a process knows, for one cheap read, that its roster is old."""

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class StaffStamp(Base):
    """Triggers on team, team_member, agent, mandate and theme raise `version` in the transaction of the change."""

    __tablename__ = "staff_stamp"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]
