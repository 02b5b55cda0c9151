"""Settings of search: `[search]` in samovar.toml."""

import msgspec

from samovar.kernel.settings import Secret


class SearchSettings(msgspec.Struct, frozen=True):
    """Where the index is, and how it is made anew."""

    #: Address of OpenSearch, such as "https://samovar:...@search:9200"; empty: an index in the data folder,
    #: for one process that hosts search.
    url: Secret = Secret("")
    #: The beginning of the names of its indexes.
    prefix: str = "samovar"
    #: Seconds to wait for an answer of OpenSearch.
    timeout: float = 10
    #: How many documents are taken in at once.
    batch: int = 500
    #: Documents after which what was made anew is written down: from there an interrupted rebuild goes on.
    checkpoint: int = 10_000
