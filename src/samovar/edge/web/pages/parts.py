"""What pages are made with: each shows one family of things."""

from typing import NamedTuple

from samovar.edge.gateway.sessions import Sessions
from samovar.edge.present.figures import Figures
from samovar.edge.present.inbox import Inboxes
from samovar.edge.present.media import Media
from samovar.edge.present.people import People
from samovar.edge.present.posts import Posts
from samovar.edge.present.search import Found
from samovar.edge.present.timelines import Timelines
from samovar.edge.uploads import Uploads


class Parts(NamedTuple):
    """One of each."""

    sessions: Sessions
    people: People
    posts: Posts
    lists: Timelines
    inboxes: Inboxes
    media: Media
    uploads: Uploads
    found: Found
    figures: Figures
