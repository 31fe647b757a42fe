"""Moves objects with boto3, as told by the JSON document in the first argument.

Downloads print {key: sha256} on standard output. Every failure ends the program with a traceback.
"""

import hashlib
import json
import os
import sys

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.session import Session


def make_client(job):
    checksums = "when_supported" if job["checksums"] else "when_required"
    return boto3.client(
        "s3",
        endpoint_url=job["endpoint"],
        region_name="us-east-1",
        config=Config(
            s3={"addressing_style": job["addressing"]},
            request_checksum_calculation=checksums,
            response_checksum_validation=checksums,
            retries={"total_max_attempts": 1},
        ),
    )


def crt_manager(job):
    """The transfer manager over the AWS Common Runtime, for any endpoint (boto3's own switch knows AWS only)."""
    from s3transfer.crt import (
        BotocoreCRTCredentialsWrapper,
        BotocoreCRTRequestSerializer,
        CRTTransferManager,
        create_s3_crt_client,
    )

    session = Session()
    checksums = "when_supported" if job["checksums"] else "when_required"
    serializer = BotocoreCRTRequestSerializer(
        session,
        {
            "region_name": "us-east-1",
            "endpoint_url": job["endpoint"],
            "config": Config(
                s3={"addressing_style": job["addressing"]},
                request_checksum_calculation=checksums,
                response_checksum_validation=checksums,
            ),
        },
    )
    credentials = BotocoreCRTCredentialsWrapper(session.get_credentials())
    client = create_s3_crt_client(
        region="us-east-1",
        crt_credentials_provider=credentials.to_crt_credentials_provider(),
        use_ssl=job["endpoint"].startswith("https:"),
        part_size=8 * 1024 * 1024,
    )
    return CRTTransferManager(crt_s3_client=client, crt_request_serializer=serializer)


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def download(job):
    target = lambda index: os.path.join(job["dir"], str(index))
    if job["transfer"] == "crt":
        with crt_manager(job) as manager:
            futures = [manager.download(job["bucket"], key, target(i)) for i, key in enumerate(job["keys"])]
            for future in futures:
                future.result()
    else:
        client = make_client(job)
        for i, key in enumerate(job["keys"]):
            client.download_file(
                job["bucket"], key, target(i), Config=TransferConfig(preferred_transfer_client="classic")
            )
    print(json.dumps({key: sha256(target(i)) for i, key in enumerate(job["keys"])}))


def upload(job):
    client = make_client(job)
    if job.get("create_bucket"):
        client.create_bucket(Bucket=job["bucket"])
    if job.get("transfer") == "crt":
        with crt_manager(job) as manager:
            futures = [manager.upload(path, job["bucket"], key) for key, path in job["files"].items()]
            for future in futures:
                future.result()
    else:
        transfer = TransferConfig(
            preferred_transfer_client="classic", multipart_threshold=16 << 20, multipart_chunksize=10 << 20
        )
        for key, path in job["files"].items():
            client.upload_file(path, job["bucket"], key, Config=transfer)
    print("{}")


if __name__ == "__main__":
    job = json.loads(sys.argv[1])
    {"download": download, "upload": upload}[job["action"]](job)
