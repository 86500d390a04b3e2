"""服務資料: the console of schools, authorities and the national centre, and the teacher's correction requests."""

from flask import Blueprint

from idp.pages.service import actions, adding, answers, listing, requests
from idp.pages.service.entrance import blueprint

__all__ = ["actions", "adding", "answers", "blueprints", "listing", "requests"]

blueprints: tuple[Blueprint, ...] = (blueprint, requests.blueprint)
