"""Accounts, passwords, sessions, tokens, second factor, roles."""

from samovar.contracts.delivery import DELIVERY
from samovar.contracts.identity import IDENTITY, UserDeleted, UserRegistered
from samovar.contracts.personal import PERSONAL
from samovar.kernel.kit import Kit
from samovar.kernel.service import Built, Serves, Service
from samovar.services.identity.clients import Keepers, Post
from samovar.services.identity.jobs import jobs_of
from samovar.services.identity.rpc import IdentityRpc, PersonalRpc
from samovar.services.identity.service import Identity
from samovar.services.identity.settings import IdentitySettings, limits


def build(kit: Kit) -> Built:
    service = Identity(kit, Keepers(kit.peers, own="identity"), Post(kit.peers))
    return Built(
        rpc={"identity": IdentityRpc(service), "personal:identity": PersonalRpc(service)},
        jobs=jobs_of(service),
    )


SERVICE = Service(
    name="identity",
    serves=(Serves(IDENTITY), Serves(PERSONAL, "identity")),
    uses=(PERSONAL, DELIVERY),
    emits=(UserRegistered, UserDeleted),
    settings=IdentitySettings,
    limits=limits,
    personal_data="name, e-mail address, language, password hash, sessions with device and address",
    build=build,
)
