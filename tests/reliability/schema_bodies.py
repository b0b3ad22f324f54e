"""Read by schemathesis itself: what an upload of an archive is made of. SCHEMA_ARCHIVES names their folder."""

import os
from pathlib import Path

import schemathesis
from hypothesis import strategies as st

ARCHIVES = [path.read_bytes() for path in sorted(Path(os.environ["SCHEMA_ARCHIVES"]).glob("*.tar.gz"))]


def cut_short(archive):
    """Its beginning, of any length."""
    return st.integers(0, len(archive)).map(lambda length: archive[:length])


whole = st.sampled_from(ARCHIVES)
schemathesis.openapi.media_type("application/gzip", st.one_of(whole, whole.flatmap(cut_short), st.binary(max_size=2_000)))
