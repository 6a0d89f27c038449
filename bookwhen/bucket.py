"""A bucket that speaks S3, as the site uses it: it waits for it only so long, and asks of it what all of them can."""

from typing import Any, Final

from botocore.config import Config
from storages.backends.s3 import S3Storage

CONNECT_SECONDS: Final = 5
READ_SECONDS: Final = 15


class BucketStorage(S3Storage):  # type: ignore[misc] # it has no types
    """Django's storage in a bucket."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - the storage's
        # Amazon's has the bucket in the host; others often have no such name in DNS, and an address for all buckets.
        style = "path" if settings.get("endpoint_url") else "auto"
        # Checksums that Amazon's client sends since 2025 are refused by others, and by their older versions.
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": 2},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": style},
        )
        super().__init__(client_config=config, **settings)
