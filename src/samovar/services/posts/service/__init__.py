"""The use cases of posts, one file per family."""

from samovar.kernel.kit import Kit
from samovar.services.posts.clients import Files, Graph, People, Rules
from samovar.services.posts.service.admission import Admission
from samovar.services.posts.service.erasing import Erasing
from samovar.services.posts.service.marks import Marks
from samovar.services.posts.service.reading import Reading
from samovar.services.posts.service.removing import Removing
from samovar.services.posts.service.voting import Voting
from samovar.services.posts.service.writing import Writing
from samovar.services.posts.settings import Settings


class PostsService:
    """All of them."""

    def __init__(self, kit: Kit) -> None:
        settings: Settings = kit.settings
        #: Longest text, in characters as people count them.
        self.text_limit = settings.text_limit
        self.reading = Reading(kit, Graph(kit.peers))
        admission = Admission(Rules(kit.peers))
        self.writing = Writing(kit, self.reading, People(kit.peers), Files(kit.peers), admission)
        self.removing = Removing(kit, self.reading)
        self.marks = Marks(kit, self.reading)
        self.voting = Voting(kit, self.reading)
        self.erasing = Erasing(kit)
