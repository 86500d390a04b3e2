"""Fictional study records, so that the page 研習紀錄 has something to show (DOMAIN §1.4, §2)."""

from datetime import date, timedelta

from config.database import db
from idp.records import RecordSource, StudyRecord

COURSES = (
    ("素養導向教學設計工作坊", "霧松縣立晨曦國民中學", -45, 3.0, RecordSource.NETWORK),
    ("夢的N次方自主社群培力研習", "示範師範大學", -120, 6.0, RecordSource.NETWORK),
    ("數位教材與生成式人工智慧入門", "示範大學教學中心", -200, 2.0, RecordSource.NETWORK),
    ("特殊教育知能研習", "國立雲岫特殊教育學校", -310, 3.0, RecordSource.NETWORK),
    ("環境教育（線上課程）", "公務人員終身學習網（示範）", -75, 4.0, RecordSource.CIVIL_SERVICE),
    ("性別平等與公務倫理", "公務人員終身學習網（示範）", -260, 2.0, RecordSource.CIVIL_SERVICE),
)


def add_records(account_id: int, loaded_on: date) -> None:
    """Give a teacher the courses of the demo; who attended what differs a little from person to person."""
    for at, (course, organiser, days, hours, source) in enumerate(COURSES):
        if (account_id + at) % 4:
            held_on = loaded_on + timedelta(days=days - account_id % 7)
            db.session.add(
                StudyRecord(
                    account_id=account_id,
                    source=source,
                    course=course,
                    organiser=organiser,
                    held_on=held_on,
                    hours=hours,
                )
            )
