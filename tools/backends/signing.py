"""The signature that S3 wants on a request (version 4), as far as a greeting needs it."""

import hashlib
import hmac
import time

REGION = "us-east-1"


def signed(method: str, host: str, path: str, body: bytes, key_id: str, secret: str) -> dict[str, str]:
    """The headers of a request without a query, for a path of plain letters."""
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    content = hashlib.sha256(body).hexdigest()
    headers = {"host": host, "x-amz-content-sha256": content, "x-amz-date": moment}
    names = ";".join(headers)
    lines = [f"{name}:{value}" for name, value in headers.items()]
    request = "\n".join([method, path, "", *lines, "", names, content])
    scope = f"{moment[:8]}/{REGION}/s3/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    credential = f"AWS4-HMAC-SHA256 Credential={key_id}/{scope}"
    return {**headers, "authorization": f"{credential}, SignedHeaders={names}, Signature={signature}"}
