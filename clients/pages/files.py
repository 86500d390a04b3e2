"""The files of a case: handed in by content, handed out as downloads, never shown within a page of ours."""

from contextlib import closing
from datetime import UTC, datetime

from flask import Response as FlaskResponse
from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from clients.pages.access import Access, access
from clients.pages.frame import frame
from clients.pages.room import blueprint
from clients.pages.words import refusal_text
from clients.procedure import drafts
from clients.procedure.attachment_kinds import BY_ADMIN, BY_PARTNER, AttachmentKind, rules_for
from clients.procedure.attachments import all_files, newest_files, taken_out
from clients.procedure.steps import StepRefused
from clients.procedure.transitions import Party
from config.database import db
from config.files import handed_out
from config.uploads import judge
from config.uploads.kinds import File, FileFault, FileRefused
from config.uploads.words import fault_words, taken_words

ANYBODY = frozenset({Party.APPLICANT, Party.OFFICER, Party.ADMIN})


@blueprint.get("/<int:case_id>/files")
def files(case_id: int) -> str:
    """Show the files that count, the older ones, and what is still missing."""
    return _page(case_id, "", "")


@blueprint.post("/<int:case_id>/files")
def attach(case_id: int) -> Response | tuple[str, int]:
    """Take a file."""
    kind = request.form.get("kind", "")
    if kind not in set(AttachmentKind):
        abort(400)
    with db.session.begin():
        found = access(case_id)
        actor = found.acting(ANYBODY)
    try:
        drafts.attach(case_id, actor, AttachmentKind(kind), _file(AttachmentKind(kind)), datetime.now(UTC))
    except FileRefused as refused:
        return _page(case_id, kind, fault_words(refused.fault, rules_for(AttachmentKind(kind)))), 400
    except StepRefused as refused:
        return _page(case_id, "", refusal_text(refused)), 409
    return redirect(url_for("cases.files", case_id=case_id, done=kind), 303)


def _file(kind: AttachmentKind) -> File:
    """Return what came; a browser sends an empty part where none was chosen."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise FileRefused(FileFault.EMPTY)
    with closing(sent):
        return judge.taken(sent.filename, sent.stream, rules_for(kind))


def _page(case_id: int, wrong: str, refusal: str) -> str:
    now = datetime.now(UTC)
    with db.session.begin():
        found = access(case_id)
        filled = frame(found, now)
        newest, every = newest_files(case_id), all_files(case_id)
    missing = [fault for fault in drafts.missing(case_id, now) if fault.field in set(AttachmentKind)]
    return render_template(
        "cases/files.html",
        **filled,
        kinds=[kind for kind in AttachmentKind if kind in _may_add(found)],
        newest=newest,
        older=[one for one in every if newest[one.kind].id != one.id],
        missing=missing,
        wrong=wrong,
        refusal=refusal,
        done=request.args.get("done", ""),
        rules={kind: rules_for(kind) for kind in AttachmentKind},
        taken_words=taken_words,
    )


def _may_add(found: Access) -> frozenset[AttachmentKind]:
    """Return which files the reader may add now."""
    state = found.case.state
    by = BY_PARTNER if found.is_partner else BY_ADMIN if Party.ADMIN in found.parties else frozenset()
    return frozenset(kind for kind in by if drafts.may_attach(kind, state))


@blueprint.get("/<int:case_id>/files/<int:file_id>")
def file(case_id: int, file_id: int) -> FlaskResponse:
    """Hand out a file; who took it is recorded."""
    with db.session.begin():
        found = access(case_id)
        taken = taken_out(case_id, file_id, found.person.actor)
    if taken is None:
        abort(404)
    return handed_out(taken.content, taken.name, taken.media_type)
