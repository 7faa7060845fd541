package example;

import com.hashicorp.cdktf.App;
import com.hashicorp.cdktf.TerraformStack;
import com.hashicorp.cdktf.providers.docker.provider.DockerProvider;
import com.hashicorp.cdktf.providers.local.provider.LocalProvider;
import com.hashicorp.cdktf.providers.random_provider.provider.RandomProvider;
import com.hashicorp.cdktf.providers.tls.provider.TlsProvider;
import io.github.cdktfdockerregistry.Access;
import io.github.cdktfdockerregistry.GeneratedUserProps;
import io.github.cdktfdockerregistry.HtpasswdUser;
import io.github.cdktfdockerregistry.PrivateRegistry;
import io.github.cdktfdockerregistry.PublicEndpoint;
import io.github.cdktfdockerregistry.PublicEndpointProps;
import java.util.List;

public final class Main {
  public static void main(String[] args) {
    App app = new App();
    TerraformStack stack = new TerraformStack(app, "registry");
    DockerProvider.Builder.create(stack, "Docker").build();
    LocalProvider.Builder.create(stack, "Local").build();
    RandomProvider.Builder.create(stack, "Random").build();
    TlsProvider.Builder.create(stack, "Tls").build();
    PrivateRegistry.Builder.create(stack, "Default")
        .endpoint(PublicEndpoint.https(PublicEndpointProps.builder().host("localhost").port(5443).build()))
        .users(List.of(
            HtpasswdUser.generated("ci", GeneratedUserProps.builder().access(Access.PUSH).build()),
            HtpasswdUser.generated("reader")))
        .redisCache(true)
        .build()
        .addOutputs();
    app.synth();
  }
}
