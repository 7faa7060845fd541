from cdktf import App, TerraformStack
from cdktf_cdktf_provider_docker.provider import DockerProvider
from cdktf_cdktf_provider_local.provider import LocalProvider
from cdktf_cdktf_provider_random.provider import RandomProvider
from cdktf_cdktf_provider_tls.provider import TlsProvider
from cdktf_docker_registry import Access, HtpasswdUser, PrivateRegistry, PublicEndpoint

app = App()
stack = TerraformStack(app, "registry")
DockerProvider(stack, "Docker")
LocalProvider(stack, "Local")
RandomProvider(stack, "Random")
TlsProvider(stack, "Tls")
PrivateRegistry(
    stack,
    "Default",
    endpoint=PublicEndpoint.https(host="localhost", port=5443),
    users=[HtpasswdUser.generated("ci", access=Access.PUSH), HtpasswdUser.generated("reader")],
    redis_cache=True,
).add_outputs()
app.synth()
