"""The pages of cooperation cases: one set for the partner's people and for the national centre, by what each may."""

from clients.pages import (
    conversation,
    duties,
    files,
    form,
    joint_tests,
    listing,
    overview,
    papers,
    people,
    review,
    steps,
    technical,
)
from clients.pages.duties import public
from clients.pages.room import blueprint, vocabulary

public.context_processor(vocabulary)
MODULES = (listing, overview, form, files, steps, conversation, people, technical, joint_tests, duties, review, papers)
"""Importing them puts their pages on the blueprint."""
BLUEPRINTS = (blueprint, public)
