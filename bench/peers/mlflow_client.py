"""What teams do with MLflow's own client, against the service named by MLFLOW_TRACKING_URI.

usage: mlflow_client.py BUNDLE OTHER_BUNDLE NOT_A_BUNDLE
Prints what the client gave back, as JSON.
"""

import hashlib
import json
import os
import sys
import tempfile

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.models import Model
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

bundle, other_bundle, not_a_bundle = sys.argv[1:4]
client = MlflowClient()
MODEL = "digits-of-mlflow"


def refused(call):
    try:
        call()
    except MlflowException as error:
        return {"code": error.error_code, "message": error.message}
    return None


def put(folder, *files):
    repository = get_artifact_repository(f"mlflow-artifacts:/{folder}")
    for file in files:
        repository.log_artifact(file)
    return f"mlflow-artifacts:/{folder}"


def digest(file):
    with open(file, "rb") as content:
        return hashlib.sha256(content.read()).hexdigest()


def shown(version):
    names = ("name", "version", "status", "current_stage", "description", "tags", "aliases")
    values = {name: getattr(version, name) for name in names}
    return {**values, "aliases": list(version.aliases)}


result = {"client": mlflow.__version__}

model = client.create_registered_model(MODEL, tags={"team": "edge"}, description="of the client")
result["created"] = {"name": model.name, "tags": model.tags, "description": model.description}
result["createdTwice"] = refused(lambda: client.create_registered_model(MODEL))

first = client.create_model_version(MODEL, source=put("runs/1", bundle), tags={"a": "b"}, description="first")
second = client.create_model_version(MODEL, source=put("runs/2", other_bundle))
again = client.create_model_version(MODEL, source=put("runs/3", bundle))
result["versions"] = [shown(first), shown(second)]
result["sameBundle"] = again.version
result["registered"] = mlflow.register_model(put("runs/4", bundle), "digits-registered").version
result["copied"] = client.copy_model_version(f"models:/{MODEL}/2", "digits-copied").version
result["notABundle"] = refused(lambda: client.create_model_version(MODEL, source=put("runs/5", not_a_bundle)))
result["elsewhere"] = refused(lambda: client.create_model_version(MODEL, source="s3://bucket/model"))

client.set_registered_model_alias(MODEL, "production", first.version)
client.set_registered_model_alias(MODEL, "champion", second.version)
result["champion"] = client.get_model_version_by_alias(MODEL, "champion").version
result["aliases"] = client.get_registered_model(MODEL).aliases
client.delete_registered_model_alias(MODEL, "champion")
result["noChampion"] = refused(lambda: client.get_model_version_by_alias(MODEL, "champion"))
result["deletedWhileAliased"] = refused(lambda: client.delete_model_version(MODEL, first.version))

client.set_registered_model_tag(MODEL, "stage", "beta")
client.delete_registered_model_tag(MODEL, "team")
client.update_registered_model(MODEL, description="changed")
client.set_model_version_tag(MODEL, first.version, "checked", "yes")
client.delete_model_version_tag(MODEL, first.version, "a")
client.update_model_version(MODEL, first.version, description="better words")
changed = client.get_registered_model(MODEL)
result["changed"] = {"tags": changed.tags, "description": changed.description}
result["changedVersion"] = shown(client.get_model_version(MODEL, first.version))
result["latest"] = [version.version for version in client.get_latest_versions(MODEL)]


def names(filter_string=None, **options):
    return [found.name for found in client.search_registered_models(filter_string, **options)]


def numbers(filter_string=None, **options):
    found = client.search_model_versions(filter_string, **options)
    return [f"{version.name}/{version.version}" for version in found]


result["models"] = {
    "all": names(),
    "like": names("name LIKE 'digits-%'", order_by=["name DESC"]),
    "tag": names("tags.stage = 'beta'"),
    "none": names("tags.`stage` != 'beta' AND name ILIKE 'DIGITS%'"),
}
pages = [client.search_registered_models(max_results=2)]
while pages[-1].token:
    pages.append(client.search_registered_models(max_results=2, page_token=pages[-1].token))
result["pages"] = [[found.name for found in page] for page in pages]
result["found"] = {
    "name": numbers(f"name = '{MODEL}'"),
    "number": numbers(f"name='{MODEL}' and version_number > 1"),
    "tag": numbers("tags.checked = 'yes'"),
    "all": numbers(order_by=["version_number DESC"]),
}
result["badFilter"] = refused(lambda: client.search_registered_models("name LIKES 'x'"))

downloads = {}
for name in (f"{MODEL}@production", f"{MODEL}/2", f"{MODEL}/latest"):
    with tempfile.TemporaryDirectory() as folder:
        path = mlflow.artifacts.download_artifacts(f"models:/{name}", dst_path=folder)
        files = sorted(os.listdir(path))
        bundle_file = next(file for file in files if file.endswith(".safetensors"))
        description = Model.load(path)
        downloads[name] = {
            "files": files,
            "digest": digest(os.path.join(path, bundle_file)),
            "flavors": list(description.flavors),
            "data": description.flavors["isochron"]["data"],
            "signature": str(description.signature),
        }
result["downloads"] = downloads
result["one file"] = os.path.basename(mlflow.artifacts.download_artifacts(f"models:/{MODEL}/1/MLmodel"))

result["stage"] = refused(lambda: client.transition_model_version_stage(MODEL, first.version, "Production"))
result["stageUri"] = refused(lambda: mlflow.artifacts.download_artifacts(f"models:/{MODEL}/Production"))
result["renamed"] = refused(lambda: client.rename_registered_model(MODEL, "other"))
result["experiment"] = refused(lambda: mlflow.set_experiment("digits"))
result["unknown"] = refused(lambda: client.get_registered_model("nothing"))

# Teams keep their runs on a server of MLflow, and name this one for the registry alone.
registry = mlflow.get_tracking_uri()
mlflow.set_registry_uri(registry)
mlflow.set_tracking_uri("http://127.0.0.1:9")
path = mlflow.artifacts.download_artifacts(f"models:/{MODEL}@production")
result["registryAlone"] = sorted(os.listdir(path))
mlflow.set_tracking_uri(registry)

client.delete_registered_model_alias(MODEL, "production")
client.delete_model_version(MODEL, first.version)
result["afterDeletion"] = numbers(f"name = '{MODEL}'")
client.delete_registered_model(MODEL)
result["deleted"] = refused(lambda: client.get_registered_model(MODEL))

os.environ["MLFLOW_TRACKING_TOKEN"] = os.environ["VIEWER_KEY"]
result["viewer"] = {"lists": names(), "creates": refused(lambda: client.create_registered_model("mine"))}
os.environ["MLFLOW_TRACKING_TOKEN"] = "iso_nobody"
result["nobody"] = refused(lambda: client.get_registered_model("digits-copied"))
print(json.dumps(result))
