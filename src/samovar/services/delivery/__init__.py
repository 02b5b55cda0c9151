"""Letters and messages on their way to people outside: e-mail, push, SMS and chats, through providers."""

from samovar.contracts.delivery import DELIVERY, AddressGone, Resubscribed, Unsubscribed
from samovar.contracts.identity import IDENTITY
from samovar.contracts.personal import PERSONAL
from samovar.kernel.kit import Kit
from samovar.kernel.service import Built, Serves, Service
from samovar.services.delivery.clients import People
from samovar.services.delivery.jobs import jobs_of
from samovar.services.delivery.rpc import DeliveryRpc, PersonalRpc
from samovar.services.delivery.service import Delivery
from samovar.services.delivery.settings import DeliverySettings


def build(kit: Kit) -> Built:
    service = Delivery(kit, People(kit.peers))
    return Built(
        rpc={"delivery": DeliveryRpc(service), "personal:delivery": PersonalRpc(service)},
        jobs=jobs_of(service),
        loops=service.pumps,
    )


SERVICE = Service(
    name="delivery",
    serves=(Serves(DELIVERY), Serves(PERSONAL, "delivery")),
    uses=(IDENTITY,),
    emits=(AddressGone, Unsubscribed, Resubscribed),
    settings=DeliverySettings,
    personal_data="addresses that messages went to, what kind of message, when and with what result",
    build=build,
)
